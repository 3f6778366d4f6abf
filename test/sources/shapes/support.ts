import type { Reading } from '../../../src/common/core/index.ts';
import type { RejectReason } from '../../../src/scoring/sources/index.ts';
import { TopicTemplate } from '../../../src/scoring/sources/mqtt/topic.ts';
import { NOWHERE } from '../../../src/scoring/sources/payload/decoder.ts';
import { lineText } from '../../../src/scoring/sources/payload/text.ts';
import { shapeOf } from '../../../src/scoring/sources/shapes/catalogue.ts';
import { ShapeReader } from '../../../src/scoring/sources/shapes/reader.ts';
import type { TimeUnit } from '../../../src/scoring/sources/time.ts';

/** When messages of these tests arrive, ms. */
export const ARRIVAL = 1_767_225_600_000;

export interface Declared {
  readonly topic?: string;
  readonly unit?: TimeUnit;
  readonly assetTag?: string;
}

/** Reads messages of a shape as an mqtt source does: by their topics, of which none is a line of a file. */
export function shapeReader(name: string, { topic, unit, assetTag }: Declared = {}) {
  const shape = shapeOf(name);
  if (shape === undefined) throw new Error(`no shape ${name}`);
  const pattern = topic ?? shape.topic ?? '#';
  const template = new TopicTemplate(pattern);
  const reader = new ShapeReader(shape, { unit }, { topic: pattern, assetTag });
  return (given: string | undefined, payload: unknown, arrival: number | 'retained' = ARRIVAL) => {
    const readings: Reading[] = [];
    const reasons: RejectReason[] = [];
    const place = given === undefined ? NOWHERE : template.match(given);
    if (place === undefined) throw new Error(`${given} does not fit ${pattern}`);
    reader.read(
      lineText(typeof payload === 'string' ? payload : JSON.stringify(payload)),
      given,
      place,
      arrival === 'retained' ? undefined : arrival,
      {
        push: (reading) => void readings.push(reading),
        reject: (reason) => void reasons.push(reason),
      },
    );
    return { readings, reasons };
  };
}
