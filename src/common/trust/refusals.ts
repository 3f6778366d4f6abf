/**
 * Every reason for which a device refuses an order, a root or a model that came to it, with what to do: a closed list.
 * Reports and events carry the codes, and programs match on them.
 */
export const REFUSALS = {
  'order.wrong-device': 'The order names another site, device or key: publish each order on the topic of its device.',
  'order.rollback':
    'The order is older than the last one, or wants a model below its floor: sign one with a higher counter.',
  'order.expired': 'The order, or the root that it rests on, has expired: sign the order anew, or rotate the root.',
  'order.not-yet': 'The order is not valid yet: wait, or set the clock of the device or of whoever signs.',
  'order.threshold': 'The order lacks approvals: let further holders of deploy keys of the newest root sign it.',
  'order.malformed':
    'The order is no order of edgewright.order/1, or contradicts itself: make it with `edgewright deploy`.',
  'order.unknown-type': 'What was signed is no order that this version knows: update the gateway, or sign an order.',
  'order.unknown-field': 'The order asks for something that this version does not know: update the gateway.',
  'order.too-large': 'The order has more than 256 KiB: order fewer pipelines at a time.',
  'trust.root-gap': 'The device lacks a root in between: publish every root, retained, under _trust/root/.',
  'trust.root-rollback': 'The root is older than the trusted one: publish the newest.',
  'trust.root-threshold':
    'The root lacks signatures by its own keys or those of the root before: `edgewright trust sign`.',
  'trust.root-invalid': 'The message is no root: publish what `edgewright trust rotate` made.',
  'trust.state-lost': 'The device has forgotten what it trusts: run `edgewright trust reset --root FILE` on it.',
  'bundle.signature': 'The model is not as a model key of the root signed it: sign it, and order it with that digest.',
  'bundle.requires': 'The device lacks what the model requires: order it for another one, or update the gateway.',
  'bundle.unbound':
    'The configuration has no tag for an input of the model: bind it, or send `settings` with the order.',
  'blob.tampered': 'A block was not the one that was signed: look at who else publishes on blob/data.',
  'blob.unserved': 'Nobody serves the files of the model: run `edgewright blobs FOLDER`.',
  'disk.short': 'The model does not fit on the disk: free some, or raise `deployment.max`.',
  'memory.short': 'Old and new model do not fit into memory together: order it with `gap`, or a smaller one.',
  'trial.golden': 'The model does not give its golden answers on this device: look at how it was exported.',
  'trial.slow': 'The model takes longer than the trial allows: make it smaller, or allow more.',
  'trial.abstains': 'The model abstains more often than the trial allows: look at its inputs on this device.',
  'trial.memory': 'The model takes more memory than the trial allows: make it smaller, or allow more.',
  'trial.hangs': 'The model did not answer in time, or ended its worker: try it with `edgewright model bench`.',
  'trial.output': 'The outputs are further from the reference profile than the trial allows: look at the data.',
  'trial.timeout': 'There were too few predictions before the limit of the trial: allow more time, or ask for fewer.',
} as const satisfies Readonly<Record<string, string>>;

/** Why something was refused. */
export type RefusalCode = keyof typeof REFUSALS;
/** All codes, for schemas. */
export const REFUSAL_CODES = Object.keys(REFUSALS) as [RefusalCode, ...RefusalCode[]];
