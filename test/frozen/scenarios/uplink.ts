import { goOn, toTheEnd } from '../answers.ts';
import { type Behaviour, Broker } from '../broker.ts';
import type { Environment, Gateway, Program, Status } from '../program.ts';
import { countBy, digestOf, toldBy } from '../records.ts';
import { configure, must, NUMBERS, numbering, numbers, type Scenario, writeIn } from '../scenario.ts';

/** Nobody listens there. */
const NOWHERE = 'mqtt://127.0.0.1:1';
const ACKNOWLEDGED = 40;

const to = (url: string): Environment => ({ EDGEWRIGHT__UPLINK__URL: url });
const pendingOf = ({ ledger }: Status, wanted: (type: string) => boolean) =>
  ledger.reduce((sum, { type, pending }) => sum + (wanted(type) ? pending : 0), 0);

async function configureUplink(folder: string, uplink: object): Promise<void> {
  const limits = { linger: '10ms', window: 2, batch: { records: 10 } };
  await configure(folder, { ...numbering('max'), uplink: { url: NOWHERE, version: '3.1.1', ...limits, ...uplink } });
  await writeIn(folder, NUMBERS, numbers(120));
}

/** Runs it at a broker until what is settled is as wanted, and ends it without a word. */
async function settleSome(
  program: Program,
  folder: string,
  behaviour: Behaviour,
  wanted: (status: Status) => boolean,
): Promise<void> {
  const broker = await Broker.open(behaviour);
  try {
    const gateway = await program.start(folder, to(broker.url));
    try {
      await toTheEnd(gateway);
      await gateway.until('some to be settled', wanted);
    } finally {
      await gateway.kill();
    }
  } finally {
    await broker.close();
  }
}

/** Sends everything to a broker: what came there of which boot, over which topics, in which form. */
async function drain(program: Program, folder: string, behaviour: Behaviour) {
  const broker = await Broker.open(behaviour);
  try {
    return await goOn(program, folder, to(broker.url), async (gateway: Gateway) => {
      const { ledger } = await gateway.until('nothing to wait', ({ link, outbox }) => {
        return link.state === 'connected' && outbox.pending === 0;
      });
      const { records, messages } = broker;
      const others = records.filter(({ boot }) => boot !== gateway.boot);
      const inOrder = others.map((record) => JSON.stringify(record)).sort();
      return {
        ledger,
        sent: { ...digestOf(inOrder), types: countBy(others, ({ record }) => record.type) },
        topics: [...new Set(messages.map(({ topic }) => topic))].sort(),
        forms: [...new Set(messages.map(({ content }) => Object.keys(content).join()))].sort(),
        told: toldBy(gateway.boot, records),
      };
    });
  } finally {
    await broker.close();
  }
}

export const unconfirmedAlarms: Scenario = {
  name: 'unconfirmed-alarms',
  about: 'Receipts are required: the consumer has confirmed all but the alarms, which lie inside confirmed ranges.',
  async make(program, folder) {
    await configureUplink(folder, { receipts: 'required', receiptTimeout: '1h', gzip: false });
    const all = (status: Status) => pendingOf(status, (type) => type !== 'alarm') === 0;
    await settleSome(program, folder, { confirms: ({ type }) => type !== 'alarm' }, all);
  },
  check({ waiting, kept }) {
    must(waiting.lines === waiting.types['alarm'] && waiting.lines === 2, 'two alarms wait and nothing else');
    must((kept?.lines ?? 0) > 100, 'what is confirmed is kept');
  },
  goOn: (program, folder) => drain(program, folder, { confirms: () => true }),
};

export const halfSettled: Scenario = {
  name: 'half-settled',
  about: 'kill -9 when the broker had acknowledged some batches, and more were on their way.',
  async make(program, folder) {
    await configureUplink(folder, {});
    const some = ({ outbox, seq }: Status) => seq - outbox.pending >= ACKNOWLEDGED;
    await settleSome(program, folder, { records: ACKNOWLEDGED }, some);
  },
  check({ waiting, kept }) {
    must(waiting.lines > 50 && waiting.lines < (kept?.lines ?? 0) - 10, 'some wait, and others are confirmed');
  },
  goOn: (program, folder) => drain(program, folder, {}),
};

export const halfReceived: Scenario = {
  name: 'half-received',
  about: 'Receipts are required: everything was sent, and the consumer has confirmed every third record.',
  async make(program, folder) {
    await configureUplink(folder, { receipts: 'required', receiptTimeout: '1h' });
    const some = ({ outbox, seq }: Status) => outbox.pending <= seq - Math.floor(seq / 3);
    await settleSome(program, folder, { confirms: ({ seq }) => seq % 3 === 0 }, some);
  },
  check({ waiting, kept }) {
    must(waiting.lines > 50 && waiting.lines < (kept?.lines ?? 0) - 30, 'some wait, and others are confirmed');
  },
  goOn: (program, folder) => drain(program, folder, { confirms: () => true }),
};
