import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { topicMatches } from '../../src/common/link/index.ts';
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

  it.each([
    ['$share/g/lab/{asset}', '$share/g/lab/+', 'lab/x'],
    ['$share/g/{asset}', '$share/g/+', 'x'],
    ['$share/g/{asset}/#', '$share/g/+/#', 'x/y/z'],
    ['$share/Gruppe ü.1//{asset}', '$share/Gruppe ü.1//+', '/x'],
    ['$share/g/$SYS/{asset}', '$share/g/$SYS/+', '$SYS/x'],
    ['$queue/lab/{asset}', '$queue/lab/+', 'lab/x'],
    ['$exclusive/lab/{asset}', '$exclusive/lab/+', 'lab/x'],
    ['$SYS/broker/{asset}/#', '$SYS/broker/+/#', '$SYS/broker/x'],
    ['/{asset}', '/+', '/x'],
    ['a//{asset}/', 'a//+/', 'a//x/'],
    ['pump-{asset}-v1', '+', 'pump-x-v1'],
    ['Straße/泵/{asset}', 'Straße/泵/+', 'Straße/泵/x'],
  ])('%s asks for %s and reads what the broker delivers, %s', (text, filter, topic) => {
    const template = new TopicTemplate(text);
    expect(templateProblem(text)).toBeUndefined();
    expect(template.filter).toBe(filter);
    expect(template.match(topic)).toEqual({ asset: 'x', tag: undefined, attributes: undefined });
  });

  it.each(['{asset}/#', '#', '+/#', '+/{asset}', '{line}/{asset}', '$share/g/#', '$share/g/{asset}/+'])(
    '%s reaches no topic that begins with $, as at the broker',
    (text) => {
      const template = new TopicTemplate(text);
      expect(template.match('$SYS/uptime')).toBeUndefined();
      expect(template.match('SYS/uptime')).toBeDefined();
    },
  );

  it('fit the topics that their own filter asks for, whatever the levels are', () => {
    const word = fc.constantFrom('', 'a', 'b', '$SYS', 'ü', '$share', 'x y');
    const level = fc.oneof(word, fc.constantFrom('+', '{asset}', '{tag}', '{line}'));
    const prefix = fc.constantFrom('', '$share/g/', '$queue/', '$exclusive/');
    const templates = fc
      .tuple(prefix, fc.array(level, { minLength: 1, maxLength: 4 }), fc.boolean())
      .map(([before, levels, open]) => before + [...levels, ...(open ? ['#'] : [])].join('/'))
      .filter((text) => templateProblem(text) === undefined);
    const topics = fc.array(word, { minLength: 1, maxLength: 4 }).map((levels) => levels.join('/'));
    fc.assert(
      fc.property(templates, topics, (text, topic) => {
        fc.pre(topic !== '');
        const template = new TopicTemplate(text);
        expect(template.match(topic) !== undefined).toBe(topicMatches(template.filter, topic));
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['$share', /write \$share\/GROUP/],
    ['$share/g', /write \$share\/GROUP/],
    ['$share/g/', /no topics/],
    ['$share//lab/{asset}', /no name/],
    ['$share/g+/lab/{asset}', /plain text/],
    ['$share/#/lab/{asset}', /plain text/],
    ['$share/{asset}/lab', /plain text/],
    ['$queue', /no topics/],
    ['$queue/', /no topics/],
    ['$share/g/lab/{asset', /not a name in braces/],
    ['$share/g/lab/#/x', /# at the end/],
    ['$SYS-{asset}/x', /begin with \$/],
    ['$-{asset}', /begin with \$/],
    ['lab/\ud800/{asset}', /surrogate/],
  ])('refuse %s, and say why', (text, why) => {
    expect(templateProblem(text)).toMatch(why);
  });

  it.each(['f/{asset', 'f/{a}{b}', 'f/{a}/{a}', 'f/a+', 'f/#/b', 'f/{1a}', 'f/{}', 'f/+{a}'])(
    'refuse %s',
    (template) => {
      expect(templateProblem(template)).toBeTypeOf('string');
    },
  );

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
