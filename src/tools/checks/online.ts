import { randomUUID } from 'node:crypto';
import { EdgewrightError, type Logger } from '../../common/core/index.ts';
import {
  brokerLacks,
  type Connected,
  checkAddress,
  createLink,
  type LinkOptions,
  lost,
  readTls,
  type TlsFiles,
} from '../../common/link/index.ts';
import type { Problem } from '../../common/settings/index.ts';
import type { Config } from '../../device/config/index.ts';
import { uplinkTrial } from '../../device/sync/index.ts';
import { brokerOf, type SourceBroker } from '../../scoring/sources/index.ts';

/** Time that a broker may take to answer, ms. */
const WAIT_MS = 10_000;
/** The waits of a check, in which a broker may hang up on what it does not take until it is asked for less. */
const BACKOFF = { first: 200, longest: 500, stable: WAIT_MS } as const;

type Topic = { readonly filter: string; readonly needed: boolean };

/** A broker, what is asked of it, and how what it lacks is judged. */
interface Trial {
  readonly path: string;
  readonly options: Omit<LinkOptions, 'clientId'>;
  readonly topics: readonly Topic[];
  judge(info: Connected): Problem[];
}

/**
 * Connects to every broker of the configuration as `run` does, will and subscriptions included, but under a client id
 * of its own, and leaves again.
 */
export async function checkOnline(config: Config, logger: Logger): Promise<Problem[]> {
  const trials = [...uplinkTrials(config), ...sourceTrials(config)];
  return (await Promise.all(trials.map((trial) => tryBroker(trial, logger)))).flat();
}

function uplinkTrials({ uplink, site, device }: Config): Trial[] {
  // An address or certificate that is wrong by itself is a problem that checkTls has found.
  if (uplink === undefined || !isUsable(uplink.url, uplink.tls)) return [];
  const { options, topics, lacks } = uplinkTrial(uplink, { site, device });
  const path = 'uplink.url';
  const judge = (info: Connected) => {
    const { without, noRecords } = lacks(info);
    const warnings = without.map((message) => problem('warning', path, message));
    return noRecords === undefined ? warnings : [...warnings, problem('error', path, noRecords)];
  };
  return [{ path, options, topics, judge }];
}

function sourceTrials({ sources, uplink }: Config): Trial[] {
  return Object.entries(sources).flatMap(([name, source]): Trial[] => {
    const own = brokerOf(source);
    const broker = own && brokerFor(own, uplink);
    if (broker === undefined || !isUsable(broker.url, broker.tls)) return [];
    const path = `sources.${name}.url`;
    const { url, version, tls, username, password, filter, qos = 0, sessionExpiry } = broker;
    const options = {
      ...{ url, version, tls: readTls(tls), keepalive: 30, maxIncomingBytes: 1024 },
      clean: 'at-close' as const,
      ...(sessionExpiry === undefined || qos === 0 ? {} : { sessionExpiry }),
      ...(username === undefined ? {} : { username }),
      ...(password === undefined ? {} : { password }),
    };
    const judge = (info: Connected) => judgeSource(info, path, { qos, sessionExpiry });
    return [{ path, options, topics: filter === undefined ? [] : [{ filter, needed: true }], judge }];
  });
}

/** The broker of a source: its own, or that of the uplink with the credentials of that. */
function brokerFor(own: SourceBroker, uplink: Config['uplink']): (SourceBroker & { url: string }) | undefined {
  if (own.url !== undefined) return { ...own, url: own.url };
  if (uplink === undefined) return undefined;
  const { url, tls, username, password } = uplink;
  return { ...own, url, tls: own.tls ?? tls, username: own.username ?? username, password: own.password ?? password };
}

function judgeSource(
  { maximumQos, sessionExpiry: given }: Connected,
  path: string,
  { qos, sessionExpiry: asked = 0 }: Pick<SourceBroker, 'qos' | 'sessionExpiry'>,
): Problem[] {
  if (qos !== 1) return [];
  if (maximumQos === 0) {
    return [problem('warning', path, 'the broker takes no QoS 1: what comes while the gateway is away is lost')];
  }
  if (given === undefined || given >= asked) return [];
  return [problem('warning', path, `the broker keeps the session for ${given} s, not for ${asked} s`)];
}

function problem(severity: Problem['severity'], path: string, message: string): Problem {
  const { code, hint } = brokerLacks.kind;
  return { severity, path, code, message, hint, ...(severity === 'error' ? { exit: 1 as const } : {}) };
}

async function tryBroker({ path, options, topics, judge }: Trial, logger: Logger): Promise<Problem[]> {
  const { will, ...bare } = options;
  // With the will nothing is asked but the connection: a broker that throws the check out would publish it.
  const first = await connect(will === undefined ? bare : { ...bare, will }, [], logger);
  if (first.info === undefined) return first.error === undefined ? [] : [failed('error', path, first.error)];
  const second = topics.length === 0 ? undefined : await connect(bare, topics, logger);
  return [
    ...judge(first.info),
    ...(second?.refused ?? []).map(([error, needed]) =>
      failed(needed || error.code === lost.kind.code ? 'error' : 'warning', path, error),
    ),
  ];
}

function failed(severity: Problem['severity'], path: string, { code, message, hint }: EdgewrightError): Problem {
  return { severity, path, code, message, hint, ...(severity === 'error' ? { exit: 1 as const } : {}) };
}

interface Outcome {
  readonly info: Connected | undefined;
  readonly error: EdgewrightError | undefined;
  readonly refused: readonly (readonly [error: EdgewrightError, needed: boolean])[];
}

/** Connects, subscribes to the topics, and leaves in order, whatever came of it. */
async function connect(
  options: Omit<LinkOptions, 'clientId'>,
  topics: readonly Topic[],
  logger: Logger,
): Promise<Outcome> {
  const clientId = `edgewright-check-${randomUUID().slice(0, 8)}`;
  const limits = { connectTimeout: WAIT_MS, backoff: BACKOFF, clean: 'at-close' as const };
  const link = createLink({ ...options, ...limits, clientId }, { logger });
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<undefined>((resolve) => {
      timer = setTimeout(() => resolve(undefined), WAIT_MS);
    });
    const stands = new Promise<EdgewrightError | undefined>((resolve) => {
      link.listen({
        connected: () => resolve(undefined),
        closed: ({ error }) => {
          // Who hangs up on a CONNECT may take a poorer one, which the link tries next.
          if (error?.code !== lost.kind.code || link.state !== 'waiting') resolve(error);
        },
      });
    });
    link.start();
    const error = (await Promise.race([stands, late])) ?? link.lastError;
    const { info } = link;
    if (info === undefined) return { info, error, refused: [] };
    return { info, error: undefined, refused: await subscribe(link, topics, late) };
  } finally {
    clearTimeout(timer);
    await link.close();
  }
}

async function subscribe(
  link: ReturnType<typeof createLink>,
  topics: readonly Topic[],
  late: Promise<undefined>,
): Promise<Outcome['refused']> {
  const thrownOut = new Promise<EdgewrightError | undefined>((resolve) => {
    link.listen({ closed: ({ error }) => resolve(error) });
  });
  const answers = topics.map(async ({ filter, needed }) => {
    const answer = link.subscribe({ filter, qos: 1, onMessage: () => {} }).then(
      () => undefined,
      (error: unknown) => (error instanceof EdgewrightError ? error : undefined),
    );
    const error = await Promise.race([answer, thrownOut, late]);
    return error === undefined ? [] : [[error, needed] as const];
  });
  return (await Promise.all(answers)).flat();
}

function isUsable(url: string, tls: TlsFiles | undefined): boolean {
  try {
    checkAddress(url, readTls(tls));
    return true;
  } catch (error) {
    if (error instanceof EdgewrightError) return false;
    throw error;
  }
}
