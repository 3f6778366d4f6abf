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

  constructor() {
    const ready = () => this.#view !== undefined;
    this.routes = [
      ...healthRoutes(ready),
      apiRoute('status', ready, async () => this.#view?.status()),
      apiRoute('audit', ready, async () => this.#view?.verifyAudit()),
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
