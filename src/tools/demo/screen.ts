import type { Scene } from './scene.ts';
import { LEAST, render } from './view.ts';

/** What the demo needs of stdout. */
export interface Terminal {
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
  write(text: string): boolean;
  on?(event: 'resize', listener: () => void): unknown;
  off?(event: 'resize', listener: () => void): unknown;
}

/** ms between two pictures. */
const FRAME_MS = 125;

/** Terminal control (ECMA-48, and xterm's private modes). */
const ALTERNATE_SCREEN = '\x1b[?1049h\x1b[?25l\x1b[2J';
const NORMAL_SCREEN = '\x1b[?25h\x1b[?1049l';
/** A terminal that knows this mode shows the picture at once; others ignore it. */
const BEGIN_PICTURE = '\x1b[?2026h\x1b[H';
const END_PICTURE = '\x1b[J\x1b[?2026l';
const REST_OF_LINE = '\x1b[K';

/** Shows a scene on the whole terminal, and gives the terminal back however the program ends. */
export class Screen {
  readonly #terminal: Terminal;
  readonly #colours: boolean;
  #scene: Scene | undefined;
  #timer: NodeJS.Timeout | undefined;

  constructor(terminal: Terminal, colours: boolean) {
    this.#terminal = terminal;
    this.#colours = colours;
  }

  open(scene: Scene): void {
    this.#scene = scene;
    this.#enter();
    this.#terminal.on?.('resize', this.#paint);
    process.once('exit', this.#leave);
    process.on('SIGTSTP', this.#pause);
    process.on('SIGCONT', this.#enter);
  }

  close(): void {
    this.#leave();
    this.#scene = undefined;
    this.#terminal.off?.('resize', this.#paint);
    process.off('exit', this.#leave);
    process.off('SIGTSTP', this.#pause);
    process.off('SIGCONT', this.#enter);
  }

  readonly #enter = (): void => {
    if (this.#timer !== undefined) return;
    this.#terminal.write(ALTERNATE_SCREEN);
    this.#timer = setInterval(this.#paint, FRAME_MS);
    this.#paint();
  };

  readonly #leave = (): void => {
    if (this.#timer === undefined) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#terminal.write(NORMAL_SCREEN);
  };

  /** Ctrl-Z: the shell gets its own screen back. */
  readonly #pause = (): void => {
    this.#leave();
    process.kill(process.pid, 'SIGSTOP');
  };

  readonly #paint = (): void => {
    if (this.#scene === undefined || this.#timer === undefined) return;
    const { columns = LEAST.columns, rows = LEAST.rows } = this.#terminal;
    const lines = render(this.#scene, columns, rows, this.#colours);
    this.#terminal.write(BEGIN_PICTURE + lines.map((line) => line + REST_OF_LINE).join('\r\n') + END_PICTURE);
  };
}
