/** What others that use the uplink's connection have to know, so that telemetry goes first. */
export interface Traffic {
  /** Whether the connection stands. */
  readonly connected: boolean;
  /** Whether urgent or live records wait: for their turn, or for longer than the link itself takes. */
  readonly behind: boolean;
  /** Whether the day's budget leaves bytes for what is not urgent; true where nothing limits it. */
  readonly budgetLeft: boolean;
  /** Counts bytes against the day's budget, beside those that the uplink sends and counts itself. */
  spend(bytes: number): void;
  /** Has a listener called when the connection stands or is lost; it must not throw. Returns what ends it. */
  listen(listener: TrafficListener): () => void;
}

/** Told of the connection. */
export interface TrafficListener {
  connected(): void;
  closed(): void;
}
