import { createPrivateKey, type KeyObject } from 'node:crypto';
import { reasonOf } from '../core/index.ts';
import type { PemBlock } from './pem.ts';
import type { Complaint } from './tls-complaints.ts';

/** A private key that was opened, in PEM without a passphrase; or what keeps it shut, at another key than `key`. */
export type OpenedKey =
  | { readonly privateKey: KeyObject; readonly pem: string }
  | (Complaint & { readonly key?: 'passphrase' });

/** Opens the private key of a file, with its passphrase where it is encrypted. */
export function openKey(blocks: readonly PemBlock[], file: string, passphrase: string | undefined): OpenedKey {
  const labels = blocks.map(({ label }) => label);
  const block = blocks.find(({ label }) => label.endsWith('PRIVATE KEY'));
  if (block === undefined) {
    const held = labels.some((label) => label.endsWith('CERTIFICATE')) ? 'a certificate' : labels.join(', ');
    return { problem: `holds ${held} in the place of the private key`, hint: 'Give the private key as tls.key.' };
  }
  if (block.label === 'OPENSSH PRIVATE KEY') {
    return { problem: 'is a key of OpenSSH', hint: `Convert it: ssh-keygen -p -m PEM -f ${file}.` };
  }
  const encrypted = block.label === 'ENCRYPTED PRIVATE KEY' || /^Proc-Type: 4,ENCRYPTED/m.test(block.text);
  if (encrypted && passphrase === undefined) {
    return {
      problem: 'is encrypted, and there is no passphrase',
      hint: 'Give it as tls.passphrase, best from a file by a variable that ends in __TLS__PASSPHRASE_FILE.',
      key: 'passphrase',
    };
  }
  return open(block, file, encrypted ? passphrase : undefined);
}

function open(block: PemBlock, file: string, passphrase: string | undefined): OpenedKey {
  try {
    const privateKey = createPrivateKey({ key: block.text, ...(passphrase === undefined ? {} : { passphrase }) });
    return { privateKey, pem: privateKey.export({ type: 'pkcs8', format: 'pem' }).toString() };
  } catch (error) {
    if (passphrase === undefined) {
      return {
        problem: `its key cannot be read: ${reasonOf(error)}`,
        hint: 'Give a private key of RSA, EC or Ed25519.',
      };
    }
    if ((error as NodeJS.ErrnoException).code === 'ERR_OSSL_EVP_UNSUPPORTED') {
      return {
        problem: 'is encrypted in a way that is no longer supported',
        hint: `Encrypt it anew: openssl pkcs8 -topk8 -v2 aes-256-cbc -provider legacy -provider default -in ${file} -out key.pem.`,
      };
    }
    return {
      problem: 'is not opened by the passphrase',
      hint: `Try it: openssl pkey -in ${file} -noout asks for it.`,
      key: 'passphrase',
    };
  }
}
