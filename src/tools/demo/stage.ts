import { clockOf, type DemoEvent, tell } from './events.ts';
import type { Scene } from './scene.ts';
import { Screen, type Terminal } from './screen.ts';
import { summaryLines } from './summary.ts';

/** Shows the demo to whoever started it. */
export interface Stage {
  open(scene: Scene): void;
  tell(event: DemoEvent): void;
  /** Gives the terminal back as it was. A second call does nothing. */
  close(): void;
}

/** How the demo is shown. */
export interface StageOptions {
  readonly json: boolean;
  /** NO_COLOR is set. */
  readonly plain: boolean;
  /** The terminal cannot place text. */
  readonly dumb?: boolean;
}

/**
 * Makes the stage for an output: JSON lines where they are asked for, a full screen on a terminal, lines of text
 * elsewhere.
 */
export function createStage(terminal: Terminal, { json, plain, dumb = false }: StageOptions): Stage {
  if (json) return jsonStage(terminal);
  return terminal.isTTY && !dumb ? screenStage(terminal, !plain) : textStage(terminal);
}

function jsonStage(terminal: Terminal): Stage {
  return {
    open() {},
    tell: (event) => void terminal.write(`${JSON.stringify(event)}\n`),
    close() {},
  };
}

function textStage(terminal: Terminal): Stage {
  return {
    open: ({ site, device, broker }) =>
      void terminal.write(`follow it with: edgewright watch ${site}/${device} --broker ${broker}\n`),
    tell: (event) => void terminal.write(`${clockOf(event.at).padStart(5)}  ${textOf(event)}\n`),
    close() {},
  };
}

function textOf(event: DemoEvent): string {
  return event.event === 'summary' ? [tell(event), ...summaryLines(event)].join('\n') : tell(event);
}

function screenStage(terminal: Terminal, colours: boolean): Stage {
  const screen = new Screen(terminal, colours);
  let ending: DemoEvent | undefined;
  return {
    open: (scene) => screen.open(scene),
    tell(event) {
      if (event.event === 'summary') ending = event;
    },
    close() {
      screen.close();
      if (ending !== undefined) terminal.write(`${textOf(ending)}\n`);
      ending = undefined;
    },
  };
}
