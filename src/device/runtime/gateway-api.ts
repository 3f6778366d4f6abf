import { EdgewrightError, redactWithin } from '../../common/core/index.ts';
import { actionRoute, apiRoute, healthRoutes, type Route } from '../../common/http/index.ts';
import type { AuditVerdict } from '../../storage/thread/index.ts';
import type { Config } from '../config/index.ts';
import type { Reloaded } from './reload.ts';
import type { GatewayStatus } from './status.ts';

/** What can be asked of a gateway that runs. */
export interface GatewayView {
  status(): Promise<GatewayStatus>;
  /** Walks the audit chain. */
  verifyAudit(): Promise<AuditVerdict>;
  /** Takes another configuration; see `Reloader`. */
  reload(config: Config): Promise<Reloaded>;
}

/** Reads the configuration again. Rejects with an error that lists every problem. */
export type ReadAgain = () => Promise<Config>;

/** Why a configuration was not taken. */
export interface Refusal {
  readonly refused: {
    readonly code: string;
    readonly message: string;
    readonly hint: string;
    readonly path?: string;
  };
}

/** What the program answers over HTTP: `/healthz` from the beginning, everything else while a gateway runs. */
export class GatewayApi {
  readonly routes: readonly Route[];
  readonly #readAgain: ReadAgain | undefined;
  #view: GatewayView | undefined;

  /**
   * @param redact takes the secrets out of every text in an answer
   * @param readAgain reads the configuration that the program was started with
   */
  constructor(redact: (text: string) => string = (text) => text, readAgain?: ReadAgain) {
    this.#readAgain = readAgain;
    const ready = () => this.#view !== undefined;
    this.routes = [
      ...healthRoutes(ready),
      apiRoute('status', ready, async () => redactWithin(await this.#view?.status(), redact)),
      apiRoute('audit', ready, async () => redactWithin(await this.#view?.verifyAudit(), redact)),
      actionRoute('reload', ready, async () => redactWithin(await this.reload(), redact)),
    ];
  }

  /** Reads the configuration again, and has the gateway take it. What is wrong with it changes nothing. */
  async reload(): Promise<Reloaded | Refusal> {
    try {
      const config = await this.#readAgain?.();
      const reloaded = config && (await this.#view?.reload(config));
      return reloaded ?? { applied: [], restart: [] };
    } catch (error) {
      if (!(error instanceof EdgewrightError)) throw error;
      const { code, message, hint, path } = error;
      return { refused: { code, message, hint, ...(path !== undefined && { path }) } };
    }
  }

  open(view: GatewayView): void {
    this.#view = view;
  }

  /** What is asked from now on is answered as before the start. */
  close(): void {
    this.#view = undefined;
  }
}
