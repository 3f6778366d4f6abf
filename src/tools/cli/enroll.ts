import { dirname, resolve } from 'node:path';
import { requireConfig } from '../../device/config/index.ts';
import { configurationLines, type Enrolled, enroll, takeCertificate } from '../keys/index.ts';
import type { CommandContext, DefineCommand } from './command.ts';
import { usage } from './errors.ts';
import { writeLine } from './io.ts';

const HELP = `
Beside the configuration, in identity/: device.key, for its owner alone, and device.csr, a request for a certificate
whose common name is SITE/DEVICE; root.json, the root that the device trusts. A key that is there stays. The configuration
itself is not changed: what belongs into it is printed.

Once a CA has signed the request, --cert takes the certificate, if it is for this key and this name.

Examples:
  edgewright enroll gateway.yaml --root root.json
  openssl x509 -req -in identity/device.csr -CA ca.crt -CAkey ca.key -days 365 -out device.crt
  edgewright enroll gateway.yaml --cert device.crt`;

interface EnrollOptions {
  readonly root?: string;
  readonly cert?: string;
  readonly json?: boolean;
}

export const enrollCommand: DefineCommand = (program, context) => {
  program
    .command('enroll')
    .argument('<config>', 'configuration of the gateway')
    .option('--root <file>', 'root that the device trusts from now on')
    .option('--cert <file>', 'certificate that a CA made of identity/device.csr')
    .option('--json', 'write one JSON object')
    .description('Make the identity of a device.')
    .addHelpText('after', HELP)
    .action((file: string, options: EnrollOptions) => run(file, options, context));
};

async function run(file: string, { root, cert, json }: EnrollOptions, { io }: CommandContext): Promise<void> {
  if (root === undefined && cert === undefined) {
    throw usage('enroll', 'needs --root, --cert, or both', {
      hint: 'Begin with `--root FILE`; `edgewright help enroll`.',
    });
  }
  const { site, device } = await requireConfig(file, io.env);
  const it = { site, device, folder: dirname(resolve(file)) };
  const begun = root === undefined ? undefined : await enroll(it, root);
  const done = cert === undefined ? begun : await takeCertificate(it, cert, Date.now());
  if (done === undefined) return;
  if (json) await writeLine(io, JSON.stringify(done));
  else for (const line of describe(done)) await writeLine(io, line);
}

function describe(enrolled: Enrolled): string[] {
  const { name, key, files, ends } = enrolled;
  const next =
    ends === undefined
      ? `Let your CA sign ${files.request}, then: edgewright enroll CONFIG --cert FILE`
      : `The certificate ends ${ends}; \`status\` and \`check\` warn three weeks before.`;
  return [`${name}, key ${key}`, next, '', 'In the configuration:', '', ...configurationLines(enrolled)];
}
