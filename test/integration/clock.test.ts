import { existsSync } from 'node:fs';
import { readdir, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Authority, hasOpenssl } from '../support/certificates.ts';
import type { Consumer } from '../support/consumer.ts';
import { freePort } from '../support/free-port.ts';
import { writeConfig } from '../support/gateway.ts';
import type { Mosquitto } from '../support/mosquitto.ts';
import { hasMosquitto, Scene } from './support/scene.ts';

const DEVICE = 'clocked';

/** Debian and others name the folder after the machine. */
async function findFaketime(): Promise<string | undefined> {
  const folders = (await readdir('/usr/lib')).map((name) => join('/usr/lib', name, 'faketime'));
  return [...folders, '/usr/lib/faketime'].map((folder) => join(folder, 'libfaketimeMT.so.1')).find(existsSync);
}

const faketime = await findFaketime();

describe.skipIf(!hasMosquitto || faketime === undefined)('the clock (skipped without mosquitto or libfaketime)', () => {
  let scene: Scene;
  let broker: Mosquitto;
  let consumer: Consumer;

  beforeEach(async () => {
    scene = new Scene();
    broker = await scene.broker();
    consumer = await scene.consumer(broker);
  });

  afterEach(() => scene.close());

  /** A gateway on a machine whose clock says what `set` is told, and goes on from there. */
  async function machine(time: string, uplink: object = { url: broker.url }) {
    const folder = await scene.folder();
    const file = await writeConfig(folder, {
      ...{ site: 'plant', device: DEVICE },
      sources: { rig: { type: 'simulator' } },
      pipelines: { pump: { source: 'rig', model: resolve('models/rig-anomaly') } },
      uplink: { linger: '20ms', ...uplink },
    });
    const clock = join(folder, 'clock');
    const set = (to: string) => writeFile(clock, `@${to}\n`);
    await set(time);
    const env = {
      ...{ LD_PRELOAD: faketime, FAKETIME_TIMESTAMP_FILE: clock, FAKETIME_NO_CACHE: '1', TZ: 'UTC' },
      FAKETIME_DONT_FAKE_MONOTONIC: '1',
    };
    return { gateway: await scene.gateway(file, {}, env), set };
  }

  const steps = () => consumer.records(DEVICE, 'event').filter(({ event }) => event === 'clock-step');

  it('starts in 1970, answers all the same, and tells what was wrong once it is set', async () => {
    const { gateway, set } = await machine('1970-01-01 00:01:00');
    await gateway.until('predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > 2);
    expect((await gateway.status()).clockTrusted).toBe(false);
    await set('2027-03-01 12:00:00');
    await consumer.until('the step', () => steps().length > 0);
    const [step] = steps();
    expect(step).toMatchObject({ clock: true, detail: { wasTrusted: false, trusted: true, boot: gateway.boot } });
    const { wrong, offsetMs } = (step?.detail ?? {}) as {
      wrong: { first: number; last: number; since: number };
      offsetMs: number;
    };
    expect(wrong.first).toBe(1);
    expect(wrong.since).toBeLessThan(Date.UTC(1970, 0, 2));
    expect(new Date(wrong.since + offsetMs).toISOString().slice(0, 10)).toBe('2027-03-01');
    const before = (await gateway.status()).pipelines[0]?.predictions ?? 0;
    await gateway.until('more predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > before + 1);
    await gateway.until('all to be sent', ({ outbox }) => outbox.pending === 0);
    for (const type of ['event', 'prediction'] as const) {
      for (const { seq, clock } of consumer.records(DEVICE, type))
        expect(clock, `${type} ${seq}`).toBe(seq > wrong.last);
    }
    expect(consumer.book(DEVICE, gateway.boot)).toMatchObject({ missing: [], lost: 0 });
  }, 120_000);

  it('is set by hours and years, there and back, and nothing stops', async () => {
    const { gateway, set } = await machine('2027-03-01 12:00:00');
    const times = ['2027-03-01 15:00:00', '2027-03-01 09:00:00', '2031-01-01 00:00:00', '2027-03-02 00:00:00'];
    for (const [index, time] of times.entries()) {
      const before = (await gateway.status()).pipelines[0]?.predictions ?? 0;
      await set(time);
      await consumer.until(`step ${index + 1}`, () => steps().length > index);
      await gateway.until('predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > before + 1);
    }
    await gateway.until('all to be sent', ({ outbox }) => outbox.pending === 0);
    expect(steps().map(({ detail }) => detail['trusted'])).toEqual([true, true, true, true]);
    const hours = steps().map(({ detail }) => Math.round(Number(detail['offsetMs']) / 3600e3));
    expect(hours.slice(0, 2)).toEqual([3, -6]);
    expect((await gateway.terminate()).status).toBe(0);
  }, 120_000);

  it.skipIf(!hasOpenssl)(
    'that is wrong makes a certificate not yet valid: nothing waits, and once it is set the link comes (skipped without openssl)',
    async () => {
      const authority = new Authority(await scene.folder());
      const { cert, key } = authority.sign('broker');
      const port = await freePort();
      const root = process.getuid?.() === 0 ? 'user root\n' : '';
      await scene.broker({ config: `${root}listener ${port} 127.0.0.1\ncertfile ${cert}\nkeyfile ${key}` });
      const uplink = { url: `mqtts://127.0.0.1:${port}`, tls: { ca: authority.ca } };
      const { gateway, set } = await machine('1970-01-01 00:01:00', uplink);
      const away = await gateway.until('the reason', ({ link }) => 'reason' in link && link.reason !== undefined);
      expect(away.link).toMatchObject({
        reason: expect.stringMatching(
          /certificate is not yet valid by the clock of this device, which says 1970-01-01T00:0/,
        ),
      });
      await gateway.until('predictions', ({ pipelines }) => (pipelines[0]?.predictions ?? 0) > 2);
      await set(new Date().toISOString().replace('T', ' ').slice(0, 19));
      await gateway.until('the link', ({ link }) => link.state === 'connected');
    },
    120_000,
  );
});
