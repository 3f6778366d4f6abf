import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { deriveClientId } from '../../src/scoring/sources/mqtt/source.ts';
import { TopicTemplate, templateProblem } from '../../src/scoring/sources/mqtt/topic.ts';

describe('topic templates', () => {
  it('become a filter and give names back', () => {
    const template = new TopicTemplate('factory/{line}/{asset}/{tag}');
    expect(template.filter).toBe('factory/+/+/+');
    expect(template.match('factory/l4/pump-1/flow')).toEqual({
      asset: 'pump-1',
      tag: 'flow',
      attributes: { line: 'l4' },
    });
    expect(template.match('factory/l4/pump-1')).toBeUndefined();
    expect(template.match('other/l4/pump-1/flow')).toBeUndefined();
  });

  it('give back whatever level stood in their place', () => {
    const level = fc.string({ minLength: 1 }).filter((text) => !/[/+#\0]/.test(text));
    const template = new TopicTemplate('a.b/{asset}/+/x-{tag}-y');
    fc.assert(
      fc.property(level, level, level, (asset, any, tag) => {
        expect(template.match(`a.b/${asset}/${any}/x-${tag}-y`)).toMatchObject({ asset, tag });
      }),
    );
    expect(template.match('a_b/p/q/x-t-y')).toBeUndefined();
  });

  it('take the rest of a topic with # at the end', () => {
    const template = new TopicTemplate('plant/{asset}/#');
    expect(template.filter).toBe('plant/+/#');
    for (const topic of ['plant/a', 'plant/a/b', 'plant/a/b/c']) expect(template.match(topic)?.asset).toBe('a');
    expect(template.match('plants/a')).toBeUndefined();
    expect(new TopicTemplate('#').match('any/thing')).toBeDefined();
  });

  it('remember no more topics than they may', () => {
    const template = new TopicTemplate('f/{asset}');
    for (let i = 0; i < 50_000; i++) expect(template.match(`f/a${i}`)?.asset).toBe(`a${i}`);
    expect(template.remembered).toBeLessThanOrEqual(20_000);
  });

  it.each(['f/{asset', 'f/{a}{b}', 'f/{a}/{a}', 'f/a+', 'f/#/b', 'f/{1a}', 'f/{}'])('refuse %s', (template) => {
    expect(templateProblem(template)).toBeTypeOf('string');
  });

  it.each(['f/{asset}', '{asset}/x', 'f/+/{tag}', 'f/x-{asset}', 'f/#'])('take %s', (template) => {
    expect(templateProblem(template)).toBeUndefined();
  });
});

describe('derived client ids', () => {
  const id = (site: string, device: string, source = 's', filter = 'f/+') =>
    deriveClientId({ site, device }, source, filter);

  it('differ between gateways, sources and filters and stay the same otherwise', () => {
    expect(id('a', 'b')).toBe(id('a', 'b'));
    const ids = [id('a', 'b'), id('a-b', ''), id('a', 'c'), id('a', 'b', 't'), id('a', 'b', 's', 'g/+')];
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('are short and plain for any name', () => {
    expect(id('ä/#+'.repeat(40), 'x'.repeat(100))).toMatch(/^[A-Za-z0-9._-]{1,64}$/);
  });
});

it('a topic beyond its bound fits no template, so that no asset and no memory keeps what is in it', () => {
  const template = new TopicTemplate('factory/{line}/{asset}/#');
  const long = `factory/1/a/${'x'.repeat(2_000)}`;
  expect(template.match(long)).toBeUndefined();
  expect(template.match(long.slice(0, 1_024))).toMatchObject({ asset: 'a' });
  expect(template.remembered).toBe(1);
});
