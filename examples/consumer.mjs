// Follows a device, or several ('plant-1/+'): each record once as a JSON line on stdout, what is missing on stderr.
//   node consumer.mjs mqtt://127.0.0.1:1883 plant-1/gateway-7 [--receipts]
import { gunzipSync } from 'node:zlib';
import mqtt from 'mqtt';

const [url, target] = process.argv.slice(2);
const receipts = process.argv.includes('--receipts');
const books = {}; // By site/device/boot: ranges of the seqs that came, and of those that came or are told to be lost.
// Adds to ranges, which stay in order and apart; returns false where it was among them.
function add(ranges, first, last = first) {
  const at = ranges.findLastIndex(([, to]) => to < first - 1) + 1;
  const near = ranges.slice(at).flatMap((range) => (range[0] <= last + 1 ? range : []));
  ranges.splice(at, near.length / 2, [Math.min(first, near[0] ?? first), Math.max(last, near.at(-1) ?? last)]);
  return !(near[0] <= first && last <= near[1]);
}
// Returns what of 1 to `highest` is not in the ranges.
function gaps(ranges, highest) {
  const ends = [0, ...ranges.flat(), highest + 1];
  return ends.flatMap((end, i) => (i % 2 === 0 && end + 1 < ends[i + 1] ? [[end + 1, ends[i + 1] - 1]] : []));
}

const client = mqtt.connect(url).on('error', ({ message }) => console.error(message));
const topics = ['status', 'records'].map((channel) => `edgewright/v1/${target}/${channel}`);
client.subscribe(topics, { qos: 1 }, (error) => console.error(error?.message ?? `following ${target}`));
// The broker hears of a message by `done` and the device by the receipt: when the records are written, not before.
client.handleMessage = ({ topic, payload }, done) => {
  const [site, device, channel] = topic.split('/').slice(-3);
  const bookOf = (boot) => (books[`${site}/${device}/${boot}`] ??= { came: [], known: [] });
  try {
    const json = payload[0] === 0x1f && payload[1] === 0x8b ? gunzipSync(payload) : payload;
    const { schema, boot, seq, records = [] } = JSON.parse(json);
    if (schema !== `edgewright.${channel}/1` || !records.every(({ seq }) => seq > 0)) throw new Error('not as agreed');
    const [{ came, known }, lines, ranges] = [bookOf(boot), [], []];
    for (const record of records) {
      if (add(came, record.seq)) lines.push(`${JSON.stringify({ site, device, boot, record })}\n`);
      for (const others of [known, ranges]) add(others, record.seq);
      if (record.type === 'loss') add(bookOf(record.boot).known, record.first, record.last);
    }
    if (channel === 'status') console.error(`${topic} ${boot}: missing ${JSON.stringify(gaps(known, seq))}`);
    process.stdout.write(lines.join(''), (error) => {
      if (error) throw error;
      const receipt = JSON.stringify({ boot, ranges });
      if (receipts && ranges.length > 0) client.publish(topic.replace(/records$/, 'receipt'), receipt, { qos: 1 });
      done();
    });
  } catch (error) {
    console.error(`${topic}: ${error.message}`);
    done();
  }
};
