import { reasonOf } from '../../common/core/index.ts';
import type { Config } from '../config/index.ts';
import { assemble } from './assembly.ts';
import type { Checkpointer } from './checkpointer.ts';
import { type GatewayDeps, openStore, openUplink } from './openers.ts';
import { OutboxView } from './outbox-port.ts';
import { Recorder } from './recorder.ts';
import { type Gateway, RunningGateway } from './running-gateway.ts';
import { SourceHost } from './source-host.ts';
import { forgetCheckpoints, goOn, keepCheckpoints, recallTime, watchClock, watchModels } from './state-keeping.ts';

/** How often silent assets are looked for and the outbox is asked for its figures. */
const TICK_MS = 1_000;

/**
 * The composition root: builds and wires the parts of a gateway from bottom to top, and starts them.
 * Resolves once all models are warm and each source is open or has been waited for.
 */
export async function startGateway(config: Config, deps: GatewayDeps): Promise<Gateway> {
  const { installation, logger, clock } = deps;
  const began = clock.monotonic();
  const undo: (() => Promise<unknown>)[] = [];
  try {
    const view = new OutboxView();
    const recorder = new Recorder(clock, deps.onRecord);
    const late: { checkpointer?: Checkpointer } = {};
    // Each has threads of its own to start, and neither needs the other.
    const [opening, assembling] = await Promise.allSettled([
      openStore(config, deps, view),
      assemble(config, {
        ...{ installation, logger, clock, onRecord: recorder.record, onTold: recorder.told },
        onSnapshot: (...taken) => late.checkpointer?.taken(...taken),
      }),
    ]);
    if (opening.status === 'fulfilled') undo.unshift(() => opening.value.close());
    if (assembling.status === 'fulfilled') undo.unshift(() => assembling.value.close());
    const outbox = resultOf(opening);
    const assembly = resultOf(assembling);
    recorder.outbox = outbox;
    view.seq = outbox.opened.seq;
    await recallTime({ outbox, clock });
    // What the first status message says is known.
    await view.refresh(outbox);
    const uplink = await openUplink(config, deps, outbox, view, assembly);
    undo.unshift(async () => uplink?.stop(0));
    const state = { config, outbox, view, assembly, clock, logger };
    const restored = await goOn(state);
    const { driver } = assembly;
    const sources = new SourceHost({
      config,
      driver,
      clock,
      logger,
      positions: restored.positions,
      marks: outbox.positions(),
      credit: (patience) => outbox.credit(patience),
      mark: (mark) => outbox.append([], mark),
      forgotten: (keys) => forgetCheckpoints(state, keys),
    });
    recorder.sources = sources;
    recorder.metered = config.uplink?.budget !== undefined;
    const watch = watchClock(state);
    const lookAtModels = watchModels(state);
    const checkpointer = keepCheckpoints(state, sources, restored);
    late.checkpointer = checkpointer;
    recorder.onAlarm = () => checkpointer.soon();
    uplink?.start();
    undo.unshift(() => sources.stop());
    await sources.start();
    const timer = setInterval(() => {
      watch.tick();
      driver.tick();
      recorder.mark();
      checkpointer.tick();
      lookAtModels();
      view
        .refresh(outbox)
        .catch((error: unknown) => logger.warn('outbox does not answer', { reason: reasonOf(error) }));
    }, TICK_MS);
    return new RunningGateway({
      config,
      installation,
      clock,
      began,
      outbox,
      view,
      recorder,
      assembly,
      uplink,
      sources,
      checkpointer,
      timer,
    });
  } catch (error) {
    for (const step of undo) await step();
    throw error;
  }
}

function resultOf<T>(result: PromiseSettledResult<T>): T {
  if (result.status === 'rejected') throw result.reason;
  return result.value;
}
