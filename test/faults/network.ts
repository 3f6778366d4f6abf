import { system } from './commands.ts';

let made = 0;

/** A network namespace of its own for a gateway, with one cable to the host, which can be cut, slowed and made lossy. */
export class Network {
  readonly name: string;
  /** Address of the host, on the cable. */
  readonly host: string;
  readonly #outer: string;
  readonly #inner: string;

  constructor() {
    made += 1;
    const number = (process.pid * 7 + made) % 16_000;
    this.name = `ewfaults-${process.pid}-${made}`;
    this.#outer = `ewf${number}o`;
    this.#inner = `ewf${number}i`;
    // A block of 198.18.0.0/15, which is for tests of networks.
    const block = number * 4;
    const address = (last: number) => `198.18.${(block >> 8) & 255}.${(block & 252) + last}`;
    this.host = address(1);
    system('ip', 'netns', 'add', this.name);
    system('ip', 'link', 'add', this.#outer, 'type', 'veth', 'peer', 'name', this.#inner, 'netns', this.name);
    system('ip', 'addr', 'add', `${this.host}/30`, 'dev', this.#outer);
    system('ip', 'link', 'set', this.#outer, 'up');
    this.#inside('ip', 'addr', 'add', `${address(2)}/30`, 'dev', this.#inner);
    this.#inside('ip', 'link', 'set', this.#inner, 'up');
    this.#inside('ip', 'link', 'set', 'lo', 'up');
  }

  /** What runs a command inside. */
  get prefix(): readonly string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  cut(): void {
    system('ip', 'link', 'set', this.#outer, 'down');
  }

  join(): void {
    system('ip', 'link', 'set', this.#outer, 'up');
  }

  /** Both directions; `drop` in percent of the packets. */
  lose(drop: number): void {
    this.#inside('nft', 'add', 'table', 'inet', 'faults');
    for (const hook of ['input', 'output']) {
      const chain = `{ type filter hook ${hook} priority 0; }`;
      this.#inside('nft', 'add', 'chain', 'inet', 'faults', hook, chain);
      const side = hook === 'input' ? 'iifname' : 'oifname';
      const rule = ['numgen', 'random', 'mod', '100', '<', String(drop), 'drop'];
      this.#inside('nft', 'add', 'rule', 'inet', 'faults', hook, side, this.#inner, ...rule);
    }
  }

  loseNothing(): void {
    this.#inside('nft', 'delete', 'table', 'inet', 'faults');
  }

  /** kbit a second, both directions. */
  slow(rate: number): void {
    const shape = ['root', 'tbf', 'rate', `${rate}kbit`, 'burst', '4kb', 'latency', '2s'];
    system('tc', 'qdisc', 'add', 'dev', this.#outer, ...shape);
    this.#inside('tc', 'qdisc', 'add', 'dev', this.#inner, ...shape);
  }

  slowNoMore(): void {
    system('tc', 'qdisc', 'del', 'dev', this.#outer, 'root');
    this.#inside('tc', 'qdisc', 'del', 'dev', this.#inner, 'root');
  }

  async close(): Promise<void> {
    system('ip', 'netns', 'del', this.name);
  }

  #inside(command: string, ...args: readonly string[]): void {
    system('ip', 'netns', 'exec', this.name, command, ...args);
  }
}
