import { describe, expect, it } from 'vitest';
import type { Logger } from '../../src/common/core/index.ts';
import { silentLogger } from '../../src/common/observability/index.ts';
import { type Part, Parts } from '../../src/device/runtime/parts.ts';

function setting() {
  const seen: string[] = [];
  const logged: string[] = [];
  const logger: Logger = {
    ...silentLogger,
    error: (message, fields) => logged.push(`${message}: ${fields?.['reason']}`),
  };
  const part = (name: string, fails?: 'start' | 'stop'): Part<string> => ({
    name,
    start: () => {
      if (fails === 'start') throw new Error(`${name} cannot start`);
      seen.push(`start ${name}`);
      return name;
    },
    stop: (running) => {
      seen.push(`stop ${running}`);
      if (fails === 'stop') throw new Error(`${name} cannot stop`);
    },
    tick: (running) => void seen.push(`tick ${running}`),
  });
  return { parts: new Parts(logger), part, seen, logged };
}

describe('the parts of a gateway', () => {
  it('stop, and tick, in the reverse of the order in which they started', async () => {
    const { parts, part, seen } = setting();
    expect(await parts.startTogether(part('a'), part('b'))).toEqual(['a', 'b']);
    parts.add({ name: 'c', stop: () => void seen.push('stop c'), tick: () => void seen.push('tick c') });
    await parts.start(part('d'));
    parts.tick();
    await Promise.all([parts.stop(), parts.stop()]);
    expect(seen.slice(2)).toEqual([
      ...['start d', 'tick d', 'tick c', 'tick b', 'tick a'],
      ...['stop d', 'stop c', 'stop b', 'stop a'],
    ]);
  });

  it('each have their turn at the stop; every failure is logged, the first is thrown', async () => {
    const { parts, part, seen, logged } = setting();
    for (const name of ['a', 'b', 'c']) await parts.start(part(name, name === 'b' ? undefined : 'stop'));
    await expect(parts.stop()).rejects.toThrow('c cannot stop');
    expect(seen.filter((step) => step.startsWith('stop'))).toEqual(['stop c', 'stop b', 'stop a']);
    expect(logged).toEqual(['c did not stop in order: c cannot stop', 'a did not stop in order: a cannot stop']);
  });

  it('that start together are waited for: what did start is stopped, what did not is told in full', async () => {
    const { parts, part, seen, logged } = setting();
    await expect(parts.startTogether(part('a', 'start'), part('b', 'start'))).rejects.toThrow('a cannot start');
    expect(logged).toEqual(['b did not start: b cannot start']);
    await expect(parts.startTogether(part('c', 'start'), part('d'))).rejects.toThrow('c cannot start');
    await parts.stop();
    expect(seen).toEqual(['start d', 'stop d']);
  });
});
