import { gzipSync } from 'node:zlib';
import { type ClaimedBatch, type Lane, MAX_BATCH_BYTES, MAX_BATCH_RECORDS } from '../../../../common/core/index.ts';
import { type Measure, newestOf, type Records, type Selection } from '../rows/records.ts';
import type { Claims, Offer } from './claims.ts';

/** Bounds of one message. */
export interface ClaimLimits {
  /** Bytes of the payload as it is sent. A single record that is larger comes alone. */
  readonly maxBytes: number;
  readonly maxRecords: number;
  readonly gzip: boolean;
}

/** Bytes of `{"seq":`, `,"clock":false,` and the comma, with the widest seq. */
const RECORD_OVERHEAD = 48;
/** Levels above 1 cost more CPU than they save on records that are alike. */
const GZIP = { level: 1 } as const;
/** Share of the limit to aim for: packing varies from batch to batch. */
const MARGIN = 0.8;

/** Makes claimed records into the bytes that are sent. Records that do not fit their checksum are left out. */
export class Sealer {
  readonly #records: Records;
  readonly #claims: Claims;
  readonly #envelope: string;
  /** Factor by which gzip made the last batch smaller. */
  #packing = 1;

  constructor(records: Records, claims: Claims, site: string, device: string) {
    this.#records = records;
    this.#claims = claims;
    const names = `"site":${JSON.stringify(site)},"device":${JSON.stringify(device)}`;
    this.#envelope = `{"schema":"edgewright.records/1",${names}`;
  }

  claim(lane: Lane, limits: ClaimLimits): ClaimedBatch | undefined {
    const maxRecords = Math.min(limits.maxRecords, MAX_BATCH_RECORDS);
    let offer = this.#claims.offer(lane, maxRecords);
    for (;;) {
      if (offer === undefined) return undefined;
      const measured = this.#records.measure(offer.selection);
      const unpacked = this.#unpackedBytes(measured);
      const budget = this.#budget(limits);
      if (measured.records > 1 && unpacked > budget) {
        offer = narrow(offer, budget / unpacked);
        continue;
      }
      const damaged = this.#records.damaged(offer.selection, offer.boot);
      if (damaged.length > 0) {
        this.#claims.damage(offer, damaged);
        offer = this.#claims.offer(lane, maxRecords);
        continue;
      }
      const payload = this.#seal(offer, measured, limits.gzip);
      if (limits.gzip) this.#packing = unpacked / payload.length;
      if (measured.records > 1 && payload.length > limits.maxBytes) {
        offer = narrow(offer, (MARGIN * limits.maxBytes) / payload.length);
        continue;
      }
      const { id, records } = this.#claims.take(endingAt(offer, measured.last), measured);
      return { id, lane, records, payload, contentType: limits.gzip ? 'application/gzip' : 'application/json' };
    }
  }

  #budget({ maxBytes, gzip }: ClaimLimits): number {
    // However well a batch packs, its receiver has to unpack it.
    const aim = gzip ? Math.max(maxBytes, maxBytes * this.#packing * MARGIN) : maxBytes;
    return Math.min(MAX_BATCH_BYTES, aim);
  }

  #unpackedBytes({ records, bytes }: Measure): number {
    return this.#envelope.length * 3 + 128 + records * RECORD_OVERHEAD + bytes;
  }

  #seal({ boot, selection }: Offer, measured: Measure, gzip: boolean): Uint8Array {
    const base = boot.firstId - 1;
    const range = `"first":${selection.first - base},"last":${measured.last - base}`;
    const head = `${this.#envelope},"boot":"${boot.id}",${range},"records":[`;
    const plain = this.#records.seal(selection, head, base);
    return gzip ? gzipSync(plain, GZIP) : plain;
  }
}

/** Ends an offer at the last record that is in it: salvage may still bring over rows that belong behind it. */
function endingAt(offer: Offer, last: number): Offer {
  const { first, ids } = offer.selection;
  return ids === undefined ? { ...offer, selection: { first, last } } : offer;
}

/** The first part of an offer, smaller by about this factor and by at least one id. */
function narrow(offer: Offer, factor: number): Offer {
  const { first, last, ids } = offer.selection;
  const span = ids?.length ?? last - first + 1;
  const count = Math.max(1, Math.min(span - 1, Math.floor(span * factor)));
  const selection: Selection = ids === undefined ? { first, last: first + count - 1 } : newestOf(ids, count);
  return { ...offer, selection };
}
