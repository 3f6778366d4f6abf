import { Merger } from './merger.ts';
import { objectOf, type Shape } from './shape.ts';

/** Times below this many seconds are from now on (RFC 8428, 4.5.3). */
const RELATIVE = 2 ** 28;

type Json = Readonly<Record<string, unknown>>;

/** What records of a pack share from where it stands on. */
interface Base {
  name: string;
  time: number;
  value: number;
}

/** SenML as JSON (RFC 8428): a pack of records, whose base fields hold for those behind them. */
export const senml: Shape = {
  name: 'senml',
  topic: undefined,
  unit: 's',
  content: 'json',
  read({ json, arrival }, out) {
    const base: Base = { name: '', time: 0, value: 0 };
    const merger = new Merger(out);
    for (const found of Array.isArray(json) ? json : [json]) {
      const record = objectOf(found);
      if (record === undefined) {
        out.reject('unknown-shape', 'a record that is no object');
        continue;
      }
      if (typeof record['bn'] === 'string') base.name = record['bn'];
      if (typeof record['bt'] === 'number') base.time = record['bt'];
      if (typeof record['bv'] === 'number') base.value = record['bv'];
      const own = typeof record['n'] === 'string' ? record['n'] : '';
      const value = valueIn(record, base);
      if (value === undefined) {
        if (own !== '') out.reject('unknown-shape', 'a record with a name and no value');
        continue;
      }
      // Base and name together are one name, which ends in what is measured.
      const asset = (base.name === '' ? own : base.name).replace(/[:/._-]$/, '');
      merger.add(asset, timeOf(record, base, arrival), base.name === '' || own === '' ? 'value' : own, value);
    }
    merger.close();
  },
};

/** The value of a record; undefined for one with base fields alone. */
function valueIn(record: Json, base: Base): unknown {
  const { v, vs, vb, vd, s } = record as Record<'v' | 'vs' | 'vb' | 'vd' | 's', unknown>;
  if (typeof v === 'number') return base.value + v;
  return v ?? vs ?? vb ?? vd ?? s;
}

/** Seconds since the epoch; undefined where the record says nothing, or counts from a time that nobody knows. */
function timeOf(record: Json, base: Base, arrival: number | undefined): number | undefined {
  const own = typeof record['t'] === 'number' ? record['t'] : 0;
  const time = base.time + own;
  if (time >= RELATIVE) return time;
  return arrival === undefined ? undefined : arrival / 1000 + time;
}
