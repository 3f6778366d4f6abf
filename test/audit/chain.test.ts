import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type AuditEntry, canonicalJson, entryHash, NO_HASH, verifyChain } from '../../src/storage/audit/index.ts';

const AT = Date.UTC(2027, 0, 1);

/** Entries of these bodies, with hashes that fit. */
function linked(bodies: readonly string[]): AuditEntry[] {
  const entries: AuditEntry[] = [];
  for (const [index, body] of bodies.entries()) {
    const content = { n: index + 1, at: AT + index, event: index === 0 ? 'genesis' : 'config', body };
    entries.push({ ...content, hash: entryHash(entries.at(-1)?.hash ?? NO_HASH, content) });
  }
  return entries;
}

const BODIES = [1, 2, 3, 4, 5].map((n) => canonicalJson({ n }));
const chainOf = (count: number) => linked(BODIES.slice(0, count));

function edited(index: number, change: Partial<AuditEntry>): AuditEntry[] {
  return chainOf(5).map((entry, at) => (at === index ? { ...entry, ...change } : entry));
}

describe('the hash of an entry', () => {
  it('is SHA-256 over the five lines that are documented', () => {
    const bytes = [NO_HASH, '7', '1798761600000', 'stop', '{"a":1}'].join('\n');
    const wanted = createHash('sha256').update(Buffer.from(bytes, 'utf8')).digest('hex');
    expect(entryHash(NO_HASH, { n: 7, at: AT, event: 'stop', body: '{"a":1}' })).toBe(wanted);
  });
});

describe('canonical JSON', () => {
  it('sorts keys by UTF-16 units, those that look like numbers too, and leaves out what is not there', () => {
    const value = { b: [{ z: 1, y: undefined }], '10': 1, '9': 2, a: 'ü\n', é: null };
    expect(canonicalJson(value)).toBe('{"10":1,"9":2,"a":"ü\\n","b":[{"z":1}],"é":null}');
  });

  it('is one line, the same for the same value in any order of keys, and reads back as it', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (value) => {
        const text = canonicalJson(value);
        const turned = Object.fromEntries(Object.entries(value).reverse());
        expect(text).not.toContain('\n');
        expect(canonicalJson(turned)).toBe(text);
        expect(JSON.parse(text)).toEqual(JSON.parse(JSON.stringify(value)));
      }),
    );
  });
});

describe('a walk over a chain', () => {
  it('ends at its head', () => {
    const chain = chainOf(5);
    expect(verifyChain(chain)).toEqual({ ok: true, n: 5, head: chain.at(-1)?.hash, entries: 5 });
  });

  it.each([
    ['a time', { at: AT }, 'time, event or body'],
    ['an event', { event: 'stop' }, 'time, event or body'],
    ['a body', { body: '{"n":4}' }, 'time, event or body'],
    ['a hash', { hash: NO_HASH }, 'stored hash was changed'],
  ])('names the entry of which %s was changed', (_, change, what) => {
    const verdict = verifyChain(edited(2, change));
    expect(verdict).toMatchObject({ ok: false, n: 3, what: expect.stringContaining(what) });
  });

  it('finds an entry that is gone, at the beginning, in the middle and at a known end', () => {
    const chain = chainOf(5);
    expect(verifyChain(chain.slice(1))).toMatchObject({ ok: false, n: 1 });
    expect(verifyChain(chain.filter(({ n }) => n !== 3))).toMatchObject({ ok: false, n: 3, event: null });
    expect(verifyChain(chain.slice(0, 4))).toMatchObject({ ok: true });
    expect(verifyChain(chain.slice(0, 4), { n: 5, hash: '' })).toMatchObject({ ok: false, n: 5 });
    expect(verifyChain([])).toMatchObject({ ok: false, n: 1 });
  });

  it('finds a chain made anew, with hashes that fit, by one hash that somebody else has', () => {
    const made = linked(['{}', ...BODIES.slice(1)]);
    expect(verifyChain(made)).toMatchObject({ ok: true });
    const known = { n: 4, hash: linked(BODIES)[3]?.hash ?? '' };
    expect(verifyChain(made, known)).toMatchObject({ ok: false, n: 4 });
  });
});
