import type { Connected } from '../../common/link/index.ts';
import type { UplinkConfig } from './schema.ts';

/** What a broker lacks that the uplink would use. */
export interface Lacks {
  /** What the uplink does without, in words. */
  readonly without: readonly string[];
  /** The reason why no records can go to this broker. */
  readonly noRecords: string | undefined;
}

const NO_RETAIN =
  'the broker keeps no retained messages: the status goes unretained, and who comes later does not find it';
const NO_QOS = 'the broker takes no QoS 1: what it is sent is confirmed by receipts alone';
const NO_RECORDS =
  'the broker takes no QoS 1, so it confirms nothing and records wait: set uplink.receipts to required, or use a broker with QoS 1';

/** Says what a broker lacks that an uplink so configured would use. */
export function lacksOf(
  { retain, maximumQos }: Pick<Connected, 'retain' | 'maximumQos'>,
  { receipts }: Pick<UplinkConfig, 'receipts'>,
): Lacks {
  const noRecords = maximumQos === 0 && receipts === 'none' ? NO_RECORDS : undefined;
  const without = [...(retain ? [] : [NO_RETAIN]), ...(maximumQos > 0 || noRecords !== undefined ? [] : [NO_QOS])];
  return { without, noRecords };
}
