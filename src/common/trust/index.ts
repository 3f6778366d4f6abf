export { bundleDigest, type FileDigest, SIGNATURE_FILE } from './bundle-digest.ts';
