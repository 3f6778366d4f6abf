import type { ControlCalls } from './control-calls.ts';

type Name = keyof ControlCalls;

/** control.db as the main thread sees it: the same calls, answered later. They reject where the store fails or is gone. */
export type ControlClient = {
  readonly [N in Name]: (...args: Parameters<ControlCalls[N]>) => Promise<ReturnType<ControlCalls[N]>>;
};

/** Sends one call to the storage thread. */
export type SendCall = <N extends Name>(
  name: N,
  args: Parameters<ControlCalls[N]>,
) => Promise<ReturnType<ControlCalls[N]>>;

export function createControlClient(send: SendCall): ControlClient {
  const call =
    <N extends Name>(name: N) =>
    (...args: Parameters<ControlCalls[N]>) =>
      send(name, args);
  return {
    verifyAudit: call('verifyAudit'),
    takeCheckpoint: call('takeCheckpoint'),
    addToCheckpoint: call('addToCheckpoint'),
    completeCheckpoint: call('completeCheckpoint'),
    forgetAssets: call('forgetAssets'),
    recallTime: call('recallTime'),
    rememberTime: call('rememberTime'),
    exchangeConfig: call('exchangeConfig'),
    recallBudget: call('recallBudget'),
    rememberBudget: call('rememberBudget'),
  };
}
