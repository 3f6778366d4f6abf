import { readLineProtocol } from './line-protocol.ts';
import { emitPoint } from './series.ts';
import type { Shape } from './shape.ts';

/** The line protocol of InfluxDB, several lines a message; as Telegraf sends it where nothing else is asked of it. */
export const influx: Shape = {
  name: 'influx',
  topic: 'telegraf/#',
  unit: 'ns',
  content: 'text',
  read({ text }, out, options) {
    for (const line of readLineProtocol(text)) {
      if ('point' in line) emitPoint(line.point, options, out);
      else out.reject('malformed-line', line.problem);
    }
  },
};
