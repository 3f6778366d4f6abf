import type { ExplanationEffect, Pipeline } from '../../scoring/pipeline/index.ts';

/** Explanations of one pipeline that may wait before sources have to. */
const MAX_EXPLAINING = 32;

/** Keeps who waits for explanations: those who asked for one, and the sources where too many are under way. */
export class Explaining {
  readonly #requests = new Map<number, (effect: ExplanationEffect) => void>();
  readonly #sources: (() => void)[] = [];
  #newest = 0;

  /** A new request, and its answer when it comes. */
  ask(): { readonly request: number; readonly answer: Promise<ExplanationEffect> } {
    this.#newest += 1;
    const request = this.#newest;
    return { request, answer: new Promise((resolve) => this.#requests.set(request, resolve)) };
  }

  answer(effect: ExplanationEffect): void {
    this.#requests.get(effect.request)?.(effect);
    this.#requests.delete(effect.request);
  }

  /** Undefined: go on. Otherwise resolves when fewer explanations of the pipelines are under way, see `wake`. */
  credit({ explaining }: Pipeline): Promise<void> | undefined {
    return explaining > MAX_EXPLAINING ? new Promise((resolve) => this.#sources.push(resolve)) : undefined;
  }

  /** Lets the sources go on where each pipeline has room again. */
  wake(pipelines: Iterable<Pipeline>): void {
    if (this.#sources.length === 0) return;
    for (const { explaining } of pipelines) if (explaining > MAX_EXPLAINING / 2) return;
    for (const resolve of this.#sources.splice(0)) resolve();
  }
}
