import { describe, expect, it } from 'vitest';
import { cli, temporaryFolder } from './support/cli.ts';

const TRUST = [
  ...['keygen', 'sign', 'verify'].map((name) => `model ${name}`),
  ...['init', 'rotate', 'sign', 'show'].map((name) => `trust ${name}`),
  'enroll',
];
const COMMANDS = ['demo', 'run', 'check', 'replay', 'status', 'watch', 'model test', 'model pack', ...TRUST];

describe('help', () => {
  it('names every command, the exit statuses and examples', async () => {
    const { status, stdout, stderr } = await cli(['--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const name of ['demo', 'run', 'check', 'replay', 'status', 'watch', 'model', 'trust']) {
      expect(stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'));
    }
    expect(stdout).toMatch(/Exit status: 0 .*1 .*2 /);
    expect(stdout).toContain('Examples:');
  });

  it.each(COMMANDS)('of %s describes it and has examples that name it', async (command) => {
    const { status, stdout } = await cli([...command.split(' '), '--help']);
    expect(status).toBe(0);
    expect(stdout).toContain(`Usage: edgewright ${command}`);
    expect(stdout).toMatch(new RegExp(`Examples?:\\n(.*\\n)*  .*edgewright ${command}`));
  });

  it('comes with `help COMMAND`, too', async () => {
    const { status, stdout } = await cli(['help', 'check']);
    expect(status).toBe(0);
    expect(stdout).toBe((await cli(['check', '--help'])).stdout);
  });

  it('has no colours where it is no terminal', async () => {
    const { stdout } = await cli(['--help']);
    expect(stdout).not.toContain('\u001b[');
  });
});

describe('wrong usage ends with 2, says why on stderr and leaves stdout empty', () => {
  it.each<[what: string, args: string[], reason: string]>([
    ['no arguments', [], 'Usage: edgewright'],
    ['an unknown command', ['chekc'], 'Did you mean check?'],
    ['the name of something that every object has', ['constructor'], "unknown command 'constructor'"],
    ['an unknown option', ['run', 'x.yaml', '--fast'], "unknown option '--fast'"],
    ['an option in front of the command', ['--json', 'status'], "unknown option '--json'"],
    ['no configuration', ['run'], "missing required argument 'config'"],
    ['too many arguments', ['run', 'a.yaml', 'b.yaml'], 'too many arguments'],
    ['no input', ['replay', 'x.yaml'], "'--input <path...>' not specified"],
    ['model without what to do', ['model'], 'Usage: edgewright model'],
    ['model with something else', ['model', 'bake'], "unknown command 'bake'"],
    [
      'an engine that there is not',
      ['model', 'test', 'x.onnx', '--engine', 'steam'],
      'Allowed choices are wasm, native',
    ],
    ['a time that is none', ['demo', '--for', 'ever'], 'ever is no duration'],
    ['a demo that is too short', ['demo', '--for', '1s'], 'demo.too-short'],
  ])('%s', async (_what, args, reason) => {
    const { status, stdout, stderr } = await cli(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(reason);
    expect(stderr).not.toMatch(/^ {4}at /m);
  });
});

describe('a file that the command was told to use and that is not there ends with 2 and is named', () => {
  it.each<[args: string[], code: string]>([
    [['run', 'nowhere.yaml'], 'config.missing'],
    [['replay', 'nowhere.yaml', '--input', 'x'], 'config.missing'],
    [['status', 'nowhere.yaml'], 'config.missing'],
    [['watch', 'nowhere.yaml'], 'config.missing'],
    [['model', 'test', 'nowhere.onnx'], 'registry.model-missing'],
    [['model', 'pack', 'nowhere'], 'registry.bundle-missing'],
  ])('%s', async (args, code) => {
    const { status, stdout, stderr } = await cli(args, { cwd: await temporaryFolder() });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain('nowhere');
    expect(stderr).toContain('what to do: ');
    expect(stderr).toContain(`code: ${code}`);
  });

  it('as one JSON object on stderr where JSON was asked for', async () => {
    const { status, stderr } = await cli(['status', 'nowhere.yaml', '--json'], { cwd: await temporaryFolder() });
    expect(status).toBe(2);
    expect(JSON.parse(stderr)).toMatchObject({ severity: 'error', code: 'config.missing', hint: expect.any(String) });
  });

  it('status without a configuration says where it looked', async () => {
    const { status, stderr } = await cli(['status'], { cwd: await temporaryFolder() });
    expect(status).toBe(2);
    expect(stderr).toContain('edgewright.yaml');
  });
});
