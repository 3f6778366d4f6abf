import type { X509Certificate } from 'node:crypto';
import type { PemBlock } from './pem.ts';

/** What is wrong with a file for TLS, and what to do about it. */
export interface Complaint {
  readonly problem: string;
  readonly hint: string;
}

/** Names a certificate in one line: whose it is. */
export function nameOf(certificate: Pick<X509Certificate, 'subject'> | undefined): string {
  return oneLine(certificate?.subject);
}

function oneLine(name: string | undefined): string {
  return name === undefined || name === '' ? 'nobody' : name.replaceAll('\n', ', ');
}

/** What there is in a file where a certificate should be. */
export function misplaced(key: 'ca' | 'cert', blocks: readonly PemBlock[], file: string): Complaint {
  const labels = blocks.map(({ label }) => label);
  const has = (text: string) => labels.some((label) => label.endsWith(text));
  if (has('PRIVATE KEY')) {
    return {
      problem: 'holds a private key and no certificate',
      hint: `Give the certificate as tls.${key}, the key as tls.key.`,
    };
  }
  if (has('CERTIFICATE REQUEST')) {
    return { problem: 'holds a request for a certificate (CSR)', hint: 'Give what the CA made of it.' };
  }
  if (has('PKCS7')) {
    return {
      problem: 'holds certificates in PKCS#7',
      hint: `Convert it: openssl pkcs7 -in ${file} -print_certs -out chain.pem.`,
    };
  }
  return { problem: `holds no certificate in PEM, but ${labels.join(', ')}`, hint: 'Give a certificate.' };
}

/** What keeps certificates from being trusted: that none of them is a root, so that no chain ends at one. */
export function aboutRoots(certificates: readonly X509Certificate[]): Complaint | undefined {
  const [first] = certificates;
  if (first === undefined || certificates.some(isRoot)) return undefined;
  const missing = oneLine(
    (certificates.find((one) => !certificates.some((by) => one.checkIssued(by))) ?? first).issuer,
  );
  const hint = `Add the certificate of ${missing} to the file, or give that one alone.`;
  return {
    problem: first.ca
      ? `the root is missing: ${nameOf(first)} is an intermediate CA, not self-signed, and ${missing} is not in the file`
      : `${nameOf(first)} is no CA, and ${missing}, which signed it, is not in the file`,
    hint,
  };
}

function isRoot(certificate: X509Certificate): boolean {
  return certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey);
}
