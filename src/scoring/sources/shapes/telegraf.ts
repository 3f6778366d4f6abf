import { emitPoint } from './series.ts';
import { objectOf, type Shape, type ShapeOptions, type ShapeOutlet } from './shape.ts';

/** The JSON of Telegraf: one metric, `{"metrics": [...]}`, or an array. */
export const telegraf: Shape = {
  name: 'telegraf',
  topic: 'telegraf/#',
  unit: 's',
  content: 'json',
  read({ json }, out, options) {
    const batch = objectOf(json)?.['metrics'] ?? json;
    for (const metric of Array.isArray(batch) ? batch : [batch]) readMetric(metric, out, options);
  },
};

function readMetric(given: unknown, out: ShapeOutlet, options: ShapeOptions): void {
  const metric = objectOf(given);
  const name = metric?.['name'];
  const fields = objectOf(metric?.['fields']);
  if (metric === undefined || typeof name !== 'string' || fields === undefined) {
    out.reject('unknown-shape', 'a metric without "name" and "fields"');
    return;
  }
  emitPoint({ name, tags: objectOf(metric['tags']) ?? {}, fields, t: metric['timestamp'] }, options, out);
}
