import { type Envelope, type Role, type RoleName, type Root, rootSigners } from '../../common/trust/index.ts';

/** How many of the signatures that one root asks for are there. */
export interface Signing {
  /** The root that asks for them. */
  readonly version: number;
  readonly threshold: number;
  readonly signers: readonly string[];
  readonly complete: boolean;
}

/** A root as a person looks at it. */
export interface RootView {
  readonly version: number;
  readonly expires: string;
  readonly roles: Readonly<Record<RoleName, { readonly threshold: number; readonly keys: readonly string[] }>>;
  readonly floors: Readonly<Record<string, number>>;
  /** By its own keys. */
  readonly signed: Signing;
  /** By the keys of the root before it, where that is known. */
  readonly previous?: Signing;
  readonly warnings: readonly string[];
}

export function viewRoot(root: Root, envelope: Envelope, before?: Root): RootView {
  const signed = signingOf(root, envelope);
  const roleOf = ({ threshold, keys }: Role) => ({ threshold, keys: keys.map(({ id }) => id) });
  const { root: own, model, deploy } = root.roles;
  return {
    version: root.version,
    expires: new Date(root.expires).toISOString(),
    roles: { root: roleOf(own), model: roleOf(model), deploy: roleOf(deploy) },
    floors: Object.fromEntries(root.floors),
    signed,
    ...(before === undefined ? {} : { previous: signingOf(before, envelope) }),
    warnings: warningsOf(root, signed),
  };
}

function signingOf(root: Root, envelope: Envelope): Signing {
  const { threshold } = root.roles.root;
  const signers = [...rootSigners(envelope, root)];
  return { version: root.version, threshold, signers, complete: signers.length >= threshold };
}

function warningsOf({ roles }: Root, { signers, threshold, complete }: Signing): string[] {
  const { keys } = roles.root;
  const spare = threshold + 1;
  const warnings: string[] = [];
  if (threshold === 1) warnings.push('one root key alone can change everything: whoever steals it can, too');
  if (keys.length < spare) {
    warnings.push(
      `there are ${keys.length} root keys and the threshold is ${threshold}: one that is lost, and no further root can be made`,
    );
  } else if (complete && signers.length < spare) {
    warnings.push(
      `only ${signers.length} root keys are known good, since they signed; ${spare} would leave one to lose: let another sign`,
    );
  }
  const both = roles.model.keys.filter(({ id }) => roles.deploy.keys.some((key) => key.id === id));
  for (const { id } of both) warnings.push(`the key ${id.slice(0, 12)} signs models and orders: stolen, it does both`);
  return warnings;
}
