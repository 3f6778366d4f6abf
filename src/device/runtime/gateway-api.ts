import { redactWithin } from '../../common/core/index.ts';
import { apiRoute, healthRoutes, type Route } from '../../common/http/index.ts';
import type { AuditVerdict } from '../../storage/thread/index.ts';
import type { GatewayStatus } from './status.ts';

/** What can be asked of a gateway that runs. */
export interface GatewayView {
  status(): Promise<GatewayStatus>;
  /** Walks the audit chain. */
  verifyAudit(): Promise<AuditVerdict>;
}

/** What the program answers over HTTP: `/healthz` from the beginning, everything else while a gateway runs. */
export class GatewayApi {
  readonly routes: readonly Route[];
  #view: GatewayView | undefined;

  /** @param redact takes the secrets out of every text in an answer */
  constructor(redact: (text: string) => string = (text) => text) {
    const ready = () => this.#view !== undefined;
    this.routes = [
      ...healthRoutes(ready),
      apiRoute('status', ready, async () => redactWithin(await this.#view?.status(), redact)),
      apiRoute('audit', ready, async () => redactWithin(await this.#view?.verifyAudit(), redact)),
    ];
  }

  open(view: GatewayView): void {
    this.#view = view;
  }

  /** What is asked from now on is answered as before the start. */
  close(): void {
    this.#view = undefined;
  }
}
