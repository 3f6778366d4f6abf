import { setTimeout as sleep } from 'node:timers/promises';
import type { Installation } from '../../device/runtime/index.ts';
import { Cast } from './cast.ts';
import { storyFailed } from './errors.ts';
import { FaultLog } from './fault-log.ts';
import { type RecentLogs, recentLogs } from './logs.ts';
import { Reporter, seconds } from './reporter.ts';
import { Scene } from './scene.ts';
import type { Stage } from './stage.ts';
import { type Beat, beatsOf, eventTime, planStory, STORY_MS, type Story } from './story.ts';
import { judge, type Summary } from './summary.ts';
import { buildTestbed, type Testbed } from './testbed.ts';

export interface DemoOptions {
  /** ms that the demo may take as a whole; undefined where it goes on until `signal`. */
  readonly length: number | undefined;
  /** When the command began, as `performance.now()`. */
  readonly began: number;
  readonly signal: AbortSignal;
}

export interface DemoDeps {
  readonly installation: Installation;
  readonly stage: Stage;
}

/** ms between two looks at the gateway, and the grain of the story's times. */
const LOOK_MS = 100;
/** ms between two events about the queue. */
const QUEUE_EVENT_MS = 1_000;
/** ms that are kept free at the end, to drain, stop and sum up. */
const CURTAIN_MS = 1_000;
/** ms; a telling is never shorter, even where the start took long. */
const LEAST_TELLING_MS = 8_000;
/** ms that the end waits for records that are still on their way. */
const DRAIN_MS = 5_000;

/**
 * Builds everything in this process, tells the story and sums up.
 *
 * @throws `demo.story-failed` where it did not go as it had to, and whatever kept it from starting
 */
export async function runDemo(
  { length, began, signal }: DemoOptions,
  { installation, stage }: DemoDeps,
): Promise<Summary> {
  const testbed = await buildTestbed(installation);
  const logger = recentLogs();
  const show = new Show(testbed, installation, stage, logger);
  try {
    await show.open();
    const took = performance.now() - began;
    const telling = length === undefined ? STORY_MS : Math.max(LEAST_TELLING_MS, length - took - CURTAIN_MS);
    const summary = await show.tell(planStory(telling), length !== undefined, signal);
    if (!summary.ok) throw storyFailed('demo', `${summary.reason}${logger.tail()}`);
    return summary;
  } finally {
    await show.close();
    await testbed.close();
  }
}

/** Leads the cast through the story. */
class Show {
  readonly #testbed: Testbed;
  readonly #stage: Stage;
  readonly #scene: Scene;
  readonly #faultLog = new FaultLog();
  readonly #reporter: Reporter;
  readonly #cast: Cast;
  #began = performance.now();
  #beats: Beat[] = [];
  #tellings = 0;
  #queuePeak = 0;
  #queueToldAt = Number.NEGATIVE_INFINITY;
  /** The record that the consumer must have before the queue counts as drained after the link was mended. */
  #owed: { readonly seq: number; readonly since: number } | undefined;
  #drained = 0;

  constructor(testbed: Testbed, installation: Installation, stage: Stage, logger: RecentLogs) {
    const { assets, config, broker, model } = testbed;
    this.#testbed = testbed;
    this.#stage = stage;
    this.#scene = new Scene(assets);
    this.#scene.site = config.site;
    this.#scene.device = config.device;
    this.#scene.broker = broker.url;
    this.#scene.model = model.name;
    this.#scene.threshold = model.threshold;
    this.#reporter = new Reporter(this.#scene, stage, () => this.#elapsed());
    const { scene, faultLog, reporter } = { scene: this.#scene, faultLog: this.#faultLog, reporter: this.#reporter };
    this.#cast = new Cast({ testbed, scene, faultLog, reporter, installation, logger });
  }

  async open(): Promise<void> {
    this.#stage.open(this.#scene);
    await this.#cast.start();
  }

  /** Tells the story once, or over and over until `signal`. */
  async tell(story: Story, once: boolean, signal: AbortSignal): Promise<Summary> {
    const wall = Date.now();
    this.#began = performance.now();
    if (once) this.#scene.length = story.length;
    await this.#cast.runPlant(() => eventTime(story, wall, this.#elapsed()));
    this.#reporter.report({
      event: 'started',
      site: this.#scene.site,
      device: this.#scene.device,
      boot: this.#cast.boot,
      broker: this.#scene.broker,
      model: this.#scene.model,
      assets: this.#testbed.assets,
      speed: Number(story.speed.toFixed(2)),
    });
    while (!signal.aborted && !(once && this.#elapsed() >= story.length)) {
      if (this.#cast.failure) throw this.#cast.failure;
      await this.#step(story, once);
      await sleep(LOOK_MS, undefined, { signal }).catch(() => {});
    }
    return this.#end(once && !signal.aborted);
  }

  async close(): Promise<void> {
    this.#testbed.uplink.mend();
    await this.#cast.close();
    this.#stage.close();
  }

  #elapsed(): number {
    return performance.now() - this.#began;
  }

  async #step(story: Story, once: boolean): Promise<void> {
    if (this.#beats.length === 0 && (this.#tellings === 0 || !once)) {
      this.#beats = beatsOf(story, this.#tellings, this.#testbed.assets);
      this.#tellings += 1;
    }
    while (this.#beats[0] !== undefined && this.#beats[0].at <= this.#elapsed()) {
      const [beat] = this.#beats.splice(0, 1);
      if (beat) await this.#perform(beat);
    }
    await this.#look();
  }

  async #perform(beat: Beat): Promise<void> {
    const { plant } = this.#cast;
    const { uplink } = this.#testbed;
    switch (beat.act) {
      case 'fault-on':
        plant?.switchOn(beat.asset, beat.fault, beat.growth);
        this.#faultLog.faultOn(beat.asset, beat.fault, plant?.timeOf(beat.asset) ?? 0);
        return this.#reporter.report({ event: 'fault', asset: beat.asset, fault: beat.fault, state: 'on' });
      case 'fault-off':
        plant?.switchOff(beat.asset, beat.fault);
        this.#faultLog.faultOff(beat.asset, plant?.timeOf(beat.asset) ?? 0);
        return this.#reporter.report({ event: 'fault', asset: beat.asset, fault: beat.fault, state: 'off' });
      case 'link-cut':
        uplink.sever();
        return this.#reporter.report({ event: 'link-cut' });
      case 'link-mended': {
        const { seq, outbox } = await this.#cast.look();
        this.#owed = { seq, since: this.#elapsed() };
        uplink.mend();
        return this.#reporter.report({ event: 'link-mended', pending: outbox.pending });
      }
    }
  }

  async #look(): Promise<void> {
    this.#scene.elapsed = this.#elapsed();
    const { outbox } = await this.#cast.look();
    this.#queuePeak = Math.max(this.#queuePeak, outbox.pending);
    const lively = this.#testbed.uplink.cut || this.#owed !== undefined;
    if (lively && this.#elapsed() - this.#queueToldAt >= QUEUE_EVENT_MS) {
      this.#queueToldAt = this.#elapsed();
      this.#reporter.report({ event: 'queue', pending: outbox.pending, bytes: outbox.bytes });
    }
    if (this.#owed !== undefined && this.#cast.consumerHas(this.#owed.seq)) {
      this.#reporter.report({ event: 'drained', tookSeconds: seconds(this.#elapsed() - this.#owed.since) });
      this.#owed = undefined;
      this.#drained += 1;
    }
  }

  /** Stops the plant, waits for what is under way, and stops the gateway in order. */
  async #end(complete: boolean): Promise<Summary> {
    const lasted = this.#elapsed();
    this.#testbed.uplink.mend();
    await this.#cast.stopPlant();
    const deadline = this.#elapsed() + DRAIN_MS;
    const { seq } = await this.#cast.look();
    while (complete && !this.#cast.consumerHas(seq) && this.#elapsed() < deadline) {
      await sleep(LOOK_MS);
      await this.#look();
    }
    await this.#look();
    await this.#cast.stopGateway();
    return this.#sumUp(complete, lasted);
  }

  #sumUp(complete: boolean, lasted: number): Summary {
    const { readings, predictions, committed, consumer } = this.#scene;
    const { alarms, falseAlarms, faults, firstDelay } = this.#faultLog;
    const { received, duplicates, missing } = consumer;
    const summary = judge(complete, this.#drained, {
      seconds: seconds(lasted),
      readings,
      predictions,
      committed,
      delivered: received,
      duplicates,
      missing,
      alarms,
      falseAlarms,
      faults,
      detectionDelaySeconds: firstDelay === undefined ? null : seconds(firstDelay),
      queuePeak: this.#queuePeak,
    });
    this.#reporter.report({ event: 'summary', ...summary });
    return summary;
  }
}
