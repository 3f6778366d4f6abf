import { crc32, gunzipSync } from 'node:zlib';
import { numberOf } from './feed.ts';
import type { AlarmChange, Loss, Prediction, Summary, Told } from './records.ts';

/** Inclusive at both ends. */
export type Span = readonly [first: number, last: number];

interface Parsed {
  readonly seq: number;
  readonly type: string;
  readonly [field: string]: unknown;
}

/** What a prediction is about, under a name that no other has; undefined where nothing was fed that it can be about. */
export type Truth = (record: Readonly<Record<string, unknown>>) => number | string | undefined;

/** What a consumer knows of one start of the gateway. */
export class BootBook {
  readonly boot: string;
  /** Type by seq, of what came. */
  readonly received = new Map<number, string>();
  readonly losses: Loss[] = [];
  /** Records that came again under the same name. */
  copies = 0;
  /** Highest seq in a status message. */
  told = 0;
  /** What the start after this one said: the seq it ended with. */
  lastSeq: number | undefined;
  startedAfter: string | null | undefined;
  readonly #sums = new Map<number, number>();

  constructor(boot: string) {
    this.boot = boot;
  }

  /** Whether it is new. Throws where the same name came with another content. */
  take(record: Parsed): boolean {
    const sum = crc32(JSON.stringify(record));
    const known = this.#sums.get(record.seq);
    if (known !== undefined && known !== sum) throw new Error(`${this.boot} ${record.seq} came with two contents`);
    if (known !== undefined) {
      this.copies += 1;
      return false;
    }
    this.#sums.set(record.seq, sum);
    this.received.set(record.seq, record.type);
    return true;
  }

  /** Highest seq that is known to exist. */
  get highest(): number {
    let highest = Math.max(this.told, this.lastSeq ?? 0);
    for (const seq of this.received.keys()) highest = Math.max(highest, seq);
    for (const { span } of this.losses) highest = Math.max(highest, span[1]);
    return highest;
  }

  /** Seqs up to the highest that neither came nor lie in the range of a loss record. */
  missing(): Span[] {
    const holes: [number, number][] = [];
    const { highest } = this;
    const spans = this.losses.map(({ span }) => span).sort((a, b) => a[0] - b[0]);
    let lostUpTo = 0;
    for (let seq = 1, next = 0; seq <= highest; seq += 1) {
      for (let span = spans[next]; span !== undefined && span[0] <= seq; span = spans[next]) {
        lostUpTo = Math.max(lostUpTo, span[1]);
        next += 1;
      }
      if (this.received.has(seq) || seq <= lostUpTo) continue;
      const last = holes.at(-1);
      if (last?.[1] === seq - 1) last[1] = seq;
      else holes.push([seq, seq]);
    }
    return holes;
  }

  /** Seqs up to the highest that did not come. */
  get absent(): number {
    return this.highest - this.received.size;
  }
}

/**
 * The books of a consumer, as a stranger would keep them from the published words alone: no code of the gateway is used.
 * Whatever breaks a promise of the wire is a fault.
 */
export class Books {
  readonly boots = new Map<string, BootBook>();
  readonly faults: string[] = [];
  /** How often each number was predicted, under whatever name. */
  readonly predicted = new Map<number | string, number>();
  /** How often each change of an alarm was told. */
  readonly alarms = new Map<string, number>();
  readonly changes: AlarmChange[] = [];
  readonly predictions: Prediction[] = [];
  /** Those that were not made of what gave way. */
  readonly summaries: Summary[] = [];
  /** Events by name. */
  readonly events = new Map<string, number>();
  /** ms from the closing of each window to its decision. */
  readonly latencies: number[] = [];
  /** Records made while the clock was not trusted. */
  untrusted = 0;
  /** Highest `queue.level` of a status message. */
  level = 0;
  readonly #truth: Truth;

  constructor(truth: Truth = numberOf) {
    this.#truth = truth;
  }

  /** Returns the boot and the seqs that came, or undefined for what is no batch. */
  records(payload: Buffer): { readonly boot: string; readonly seqs: readonly number[] } | undefined {
    const batch = parse(payload);
    const { boot, first, last, records } = batch ?? {};
    if (typeof boot !== 'string' || !Array.isArray(records)) {
      this.faults.push(`no batch: ${payload.subarray(0, 80).toString('latin1')}`);
      return undefined;
    }
    const book = this.boot(boot);
    const seqs: number[] = [];
    for (const record of records as Parsed[]) {
      seqs.push(record.seq);
      if (!(record.seq >= Number(first) && record.seq <= Number(last))) {
        this.faults.push(`${boot} ${record.seq} is not in ${first} to ${last}`);
      }
      try {
        if (book.take(record)) this.#read(book, record);
      } catch (error) {
        this.faults.push(error instanceof Error ? error.message : String(error));
      }
    }
    return { boot, seqs };
  }

  status(payload: Buffer): void {
    const status = parse(payload);
    if (status === undefined) return;
    const { boot, seq, queue } = status;
    if (typeof boot !== 'string' || typeof seq !== 'number') return;
    const book = this.boot(boot);
    book.told = Math.max(book.told, seq);
    this.level = Math.max(this.level, Number((queue as { level?: unknown } | undefined)?.level ?? 0));
  }

  boot(id: string): BootBook {
    const known = this.boots.get(id);
    if (known !== undefined) return known;
    const book = new BootBook(id);
    this.boots.set(id, book);
    return book;
  }

  /** Boots as they followed one another, those whose start is not known at the end. */
  get order(): string[] {
    const next = new Map<string | null, string>();
    for (const { boot, startedAfter } of this.boots.values()) {
      if (startedAfter !== undefined) next.set(startedAfter, boot);
    }
    const order: string[] = [];
    const firsts = [...this.boots.values()].filter((book) => {
      const { startedAfter } = book;
      return startedAfter === null || (startedAfter !== undefined && !this.boots.has(startedAfter));
    });
    for (const { boot: first } of firsts) {
      for (let boot: string | undefined = first; boot !== undefined; boot = next.get(boot)) order.push(boot);
    }
    return [...order, ...[...this.boots.keys()].filter((boot) => !order.includes(boot))];
  }

  /** Of all boots. */
  get losses(): Loss[] {
    return [...this.boots.values()].flatMap(({ losses }) => losses);
  }

  get delivered(): number {
    return this.#sum((book) => book.received.size);
  }

  get copies(): number {
    return this.#sum((book) => book.copies);
  }

  /** Numbers that were predicted under more than one name. */
  get twice(): number {
    return repeated(this.predicted);
  }

  /** Changes of alarms that were told under more than one name. */
  get alarmsTwice(): number {
    return repeated(this.alarms);
  }

  /** Records of a type that came. */
  count(type: string): number {
    return this.#sum((book) => [...book.received.values()].filter((one) => one === type).length);
  }

  #sum(of: (book: BootBook) => number): number {
    let sum = 0;
    for (const book of this.boots.values()) sum += of(book);
    return sum;
  }

  #read(book: BootBook, record: Parsed): void {
    if (record['clock'] === false) this.untrusted += 1;
    if (record.type === 'prediction') this.#prediction(book, record);
    else if (record.type === 'loss') this.#loss(record);
    else if (record.type === 'alarm') this.#alarm(book, record);
    else if (record.type === 'summary') this.#summary(book, record);
    else if (record.type === 'event') this.#event(book, record);
  }

  #prediction(book: BootBook, record: Parsed): void {
    const about = this.#truth(record);
    if (about === undefined) {
      this.faults.push(`${book.boot} ${record.seq} is nothing that was fed: ${JSON.stringify(record)}`);
    } else this.predicted.set(about, (this.predicted.get(about) ?? 0) + 1);
    this.latencies.push(Number(record['latencyMs'] ?? 0));
    this.predictions.push({
      ...toldOf(book, record),
      from: Number(record['from']),
      to: Number(record['to']),
      decision: String(record['decision']),
      quality: String((record['quality'] as { code?: unknown } | undefined)?.code),
    });
  }

  #alarm(book: BootBook, record: Parsed): void {
    const { asset, alarm, state, t, since, prediction, reason } = record;
    const change = JSON.stringify([record['pipeline'], asset, alarm, state, t]);
    this.alarms.set(change, (this.alarms.get(change) ?? 0) + 1);
    this.changes.push({
      ...toldOf(book, record),
      t: Number(t),
      alarm: String(alarm),
      state: String(state),
      since: Number(since),
      rests: prediction !== undefined,
      reason: typeof reason === 'string' ? reason : undefined,
    });
  }

  #summary(book: BootBook, record: Parsed): void {
    if (record['folded'] !== undefined || record['asset'] === '*') return;
    const { from, to, predictions } = record;
    const [begin, end, count] = [from, to, predictions].map(Number) as [number, number, number];
    const incomplete = typeof record['incomplete'] === 'string' && record['incomplete'] !== '';
    this.summaries.push({ ...toldOf(book, record), from: begin, to: end, predictions: count, incomplete });
  }

  #loss(record: Parsed): void {
    const { boot, first, last, cause, counts, from, to } = record;
    const byType = new Map<string, number>();
    for (const row of counts as Record<string, unknown>[]) {
      const gone = ['dropped', 'folded', 'unreadable'].reduce((sum, key) => sum + Number(row[key] ?? 0), 0);
      byType.set(String(row['type']), (byType.get(String(row['type'])) ?? 0) + gone);
    }
    this.boot(String(boot)).losses.push({
      span: [Number(first), Number(last)],
      cause: String(cause),
      from: Number(from),
      to: Number(to),
      counts: byType,
    });
  }

  #event(book: BootBook, record: Parsed): void {
    const name = String(record['event']);
    this.events.set(name, (this.events.get(name) ?? 0) + 1);
    const { previousBoot, previousLastSeq, boots } = record['detail'] as Record<string, unknown>;
    // The start that named a boot may be among what a damaged store lost.
    if (name === 'store-corrupt') {
      for (const { boot, lastSeq } of (boots ?? []) as { boot: string; lastSeq: number }[]) {
        this.boot(boot).lastSeq ??= lastSeq;
      }
    }
    if (name !== 'start') return;
    book.startedAfter = typeof previousBoot === 'string' ? previousBoot : null;
    if (typeof previousBoot === 'string') this.boot(previousBoot).lastSeq = Number(previousLastSeq);
  }
}

function toldOf({ boot }: BootBook, { seq, pipeline, asset }: Parsed): Told {
  return { boot, seq, pipeline: String(pipeline), asset: String(asset) };
}

function repeated(counts: ReadonlyMap<unknown, number>): number {
  let sum = 0;
  for (const times of counts.values()) sum += times - 1;
  return sum;
}

function parse(payload: Buffer): Record<string, unknown> | undefined {
  try {
    const text = payload[0] === 0x1f && payload[1] === 0x8b ? gunzipSync(payload) : payload;
    return JSON.parse(text.toString('utf8'));
  } catch {
    return undefined;
  }
}
