import { createHash } from 'node:crypto';
import * as z from 'zod';
import { asMap, EdgewrightError, printable, reasonOf } from '../core/index.ts';
import type { DeviceTrust, LastOrder } from './device-trust.ts';
import { type Envelope, readEnvelope, signEnvelope, signersOf } from './dsse.ts';
import { orderInvalid } from './errors.ts';
import type { PrivateKey } from './keys.ts';
import {
  MAX_PIPELINES,
  ORDER_FIELDS,
  ORDER_SCHEMA,
  type Order,
  type OrderData,
  type OrderedModel,
  orderSchema,
} from './order-schema.ts';
import type { RefusalCode } from './refusals.ts';
import { issueIn, readBounded, unknownCritical } from './signed-json.ts';

/** Type of the payload of an order. */
export const ORDER_TYPE = 'application/vnd.edgewright.order+json';
/** Most bytes of an order with its signatures. */
export const MAX_ORDER_BYTES = 256 * 1024;

/** An order that a device takes. */
export interface AcceptedOrder {
  readonly accepted: true;
  readonly order: Order;
  /** What is remembered of it; its digest is the payload's. */
  readonly last: LastOrder;
  /** When it was issued, in ms since the epoch. */
  readonly issued: number;
  /** IDs of the deploy keys that approved it. */
  readonly approvals: readonly string[];
  /** Whether it is the order that was taken last, once more. */
  readonly repeated: boolean;
}

/** An order that a device refuses. */
export interface RefusedOrder {
  readonly accepted: false;
  readonly code: RefusalCode;
  /** In words; short and printable, though it may quote what came. */
  readonly reason: string;
  /** Hex SHA-256 of the payload, or of the whole message where it has none. */
  readonly digest: string;
}

/** Why an order cannot be taken: thrown within this file alone. */
class Refusal extends Error {
  readonly code: RefusalCode;

  constructor(code: RefusalCode, reason: string) {
    super(reason);
    this.code = code;
  }
}

/**
 * Judges the message of an order: whether this device has to follow it. Its length is looked at before its form, its
 * signatures before its content, and nothing of it is made anew. Each judgement stands for itself, and is the same for the
 * same order until root, clock or what is remembered change. Never throws.
 */
export function judgeOrder(message: Uint8Array, trust: DeviceTrust): AcceptedOrder | RefusedOrder {
  let digest = '';
  try {
    const envelope = openEnvelope(message);
    digest = sha256(envelope.payload);
    const approvals = requireApprovals(envelope, trust);
    const order = parseOrder(envelope.payload);
    const repeated = trust.last?.digest === digest;
    requireTarget(order, trust);
    if (!repeated) requireNewer(order, trust);
    requireTime(order, trust);
    for (const { active, shadow } of Object.values(order.pipelines)) {
      for (const model of [active, shadow]) if (model !== undefined) requireModel(model, trust);
    }
    const last = { root: order.root, counter: order.counter, digest };
    return { accepted: true, order, last, issued: Date.parse(order.issued), approvals, repeated };
  } catch (error) {
    const { code, message: reason } =
      error instanceof Refusal ? error : new Refusal('order.malformed', reasonOf(error));
    // Of what is too large nothing is looked at, its digest included.
    const of = digest || (code === 'order.too-large' ? '' : sha256(message));
    return { accepted: false, code, reason: printable(reason), digest: of };
  }
}

function openEnvelope(message: Uint8Array): Envelope {
  if (message.length > MAX_ORDER_BYTES) {
    throw new Refusal('order.too-large', `has ${message.length} bytes, at most ${MAX_ORDER_BYTES} are allowed`);
  }
  const envelope = bounded(() => readEnvelope(message, MAX_ORDER_BYTES, (reason) => orderInvalid('order', reason)));
  if (envelope.payloadType !== ORDER_TYPE) throw new Refusal('order.unknown-type', 'is signed, and no order');
  return envelope;
}

/** Turns the error of a reader into a refusal. */
function bounded<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof EdgewrightError)) throw error;
    throw new Refusal('order.malformed', error.message);
  }
}

function requireApprovals(envelope: Envelope, { root }: DeviceTrust): string[] {
  const { keys, threshold } = root.roles.deploy;
  const approvals = [...signersOf(envelope, keys)];
  if (approvals.length >= threshold) return approvals;
  // Nobody is known to have said which root it rests on: it makes the reason better, and the order is refused anyway.
  const claimed = claimedRoot(envelope.payload);
  if (claimed > root.version) {
    throw new Refusal('trust.root-gap', `rests on root ${claimed}, the newest one here is ${root.version}`);
  }
  throw new Refusal(
    'order.threshold',
    `has ${approvals.length} of the ${threshold} approvals that root ${root.version} asks for`,
  );
}

function claimedRoot(payload: Uint8Array): number {
  const value = bounded(() => readBounded(payload, MAX_ORDER_BYTES, (reason) => orderInvalid('order', reason)));
  return z.object({ root: z.int() }).safeParse(value).data?.root ?? 0;
}

function parseOrder(payload: Uint8Array): Order {
  const value = bounded(() => readBounded(payload, MAX_ORDER_BYTES, (reason) => orderInvalid('order', reason)));
  const head = z.object({ schema: z.string().max(64), crit: z.unknown().optional() }).safeParse(value);
  if (head.success && head.data.schema !== ORDER_SCHEMA) {
    throw new Refusal('order.unknown-type', `has the schema ${head.data.schema}, this version knows ${ORDER_SCHEMA}`);
  }
  const critical = z.array(z.string().max(64)).safeParse(head.data?.crit).data;
  // Before anything else: what it does not know may be why this version cannot read it.
  const unknown = unknownCritical(critical, ORDER_FIELDS);
  if (unknown !== undefined)
    throw new Refusal('order.unknown-field', `asks for ${unknown}, which this version does not know`);
  // Of many the schema would say of each what is wrong.
  const count = Object.keys(asMap(asMap(value)['pipelines'])).length;
  if (count > MAX_PIPELINES)
    throw new Refusal('order.malformed', `has ${count} pipelines, at most ${MAX_PIPELINES} are allowed`);
  const parsed = orderSchema.safeParse(value);
  if (!parsed.success) throw new Refusal('order.malformed', issueIn(parsed.error.issues));
  return parsed.data;
}

function requireTarget({ target }: Order, { site, device, key }: DeviceTrust): void {
  if (target.site !== site || target.device !== device) {
    throw new Refusal('order.wrong-device', `is for ${target.site}/${target.device}, this is ${site}/${device}`);
  }
  if (target.key !== undefined && target.key !== key) {
    throw new Refusal(
      'order.wrong-device',
      `is for the unit with the key ${target.key.slice(0, 12)}, which this one has not`,
    );
  }
}

/** Orders are in order by root, then by counter; none has the place of another. */
function requireNewer({ root, counter }: Order, { root: { version }, last }: DeviceTrust): void {
  if (root > version) throw new Refusal('trust.root-gap', `rests on root ${root}, the newest one here is ${version}`);
  if (root < version) throw new Refusal('order.rollback', `rests on root ${root}, the newest one here is ${version}`);
  if (last === undefined || last.root < root || last.counter < counter) return;
  const what = last.counter === counter ? 'another order has it already' : `the last one had ${last.counter}`;
  throw new Refusal('order.rollback', `has counter ${counter}; ${what}`);
}

function requireTime({ issued, notBefore, expires }: Order, { root, clock, timeFloor }: DeviceTrust): void {
  if (Date.parse(issued) > root.expires) throw new Refusal('order.expired', 'was issued after its root had expired');
  // What is signed says when it cannot be earlier than; it is all that there is where the clock knows nothing.
  const now = clock.trusted ? clock.at : Math.max(timeFloor, Date.parse(issued));
  if (now >= root.expires) throw new Refusal('order.expired', `rests on root ${root.version}, which has expired`);
  if (now >= Date.parse(expires)) throw new Refusal('order.expired', `has expired on ${expires}`);
  if (now < Date.parse(notBefore)) throw new Refusal('order.not-yet', `is not valid before ${notBefore}`);
}

function requireModel({ name, release, signer }: OrderedModel, { root, floors }: DeviceTrust): void {
  if (!root.roles.model.keys.some(({ id }) => id === signer)) {
    throw new Refusal('bundle.signature', `names ${name}, signed by a key that may not sign models`);
  }
  const floor = floors.get(name) ?? 0;
  if (release < floor)
    throw new Refusal('order.rollback', `names ${name} of release ${release}, its floor is ${floor}`);
}

/**
 * Makes an order and approves it with these keys; others add their approvals later. Throws `trust.order-invalid` where no
 * device would take it.
 */
export function makeOrder(data: OrderData, keys: readonly PrivateKey[]): Envelope {
  const parsed = orderSchema.safeParse(data);
  if (!parsed.success) throw orderInvalid('order', issueIn(parsed.error.issues));
  const payload = Buffer.from(JSON.stringify(data));
  const envelope = signEnvelope(ORDER_TYPE, payload, keys);
  // In base64, with as many signatures as it may get.
  const most = Math.ceil(payload.length / 3) * 4 + SIGNATURES_ROOM;
  if (most > MAX_ORDER_BYTES) throw orderInvalid('order', `has ${payload.length} bytes, with its signatures too many`);
  return envelope;
}

/** Bytes that all signatures take which an order may have, and what is around them. */
const SIGNATURES_ROOM = 8 * 1024;

/** Reads the envelope of an order, to approve it. Throws `trust.order-invalid`. */
export function orderEnvelope(message: Uint8Array): Envelope {
  const envelope = readEnvelope(message, MAX_ORDER_BYTES, (reason) => orderInvalid('order', reason));
  if (envelope.payloadType !== ORDER_TYPE) throw orderInvalid('order', 'is signed, and no order');
  return envelope;
}

function sha256(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}
