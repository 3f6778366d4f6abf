import type { DemoEvent } from './events.ts';
import type { Scene } from './scene.ts';
import type { Stage } from './stage.ts';

type Untimed<E> = E extends unknown ? Omit<E, 'at'> : never;

/** Reports what happens, with its time, to the scene and to the stage. */
export class Reporter {
  readonly #scene: Scene;
  readonly #stage: Stage;
  readonly #elapsed: () => number;

  /** @param elapsed ms since the story began */
  constructor(scene: Scene, stage: Stage, elapsed: () => number) {
    this.#scene = scene;
    this.#stage = stage;
    this.#elapsed = elapsed;
  }

  report(event: Untimed<DemoEvent>): void {
    const { event: name, ...rest } = event;
    const timed = { event: name, at: seconds(this.#elapsed()), ...rest } as DemoEvent;
    this.#scene.event(timed);
    this.#stage.tell(timed);
  }
}

/** Milliseconds as seconds with two decimals, as events have them. */
export function seconds(ms: number): number {
  return Math.round(ms / 10) / 100;
}
