export { configurationLines, type Enrolled, enroll, takeCertificate } from './enroll.ts';
export { createKey, type KeyFiles, readKeyFile, readPublicKeyFile } from './key-files.ts';
export type { RootView, Signing } from './root-view.ts';
export { initRoot, type RootChange, rotateRoot, showRoot, signRoot } from './roots.ts';
export { type SignedBundle, signBundle, verifyBundle } from './sign-bundle.ts';
