/** Filters that several clients subscribe to and share: MQTT 5, also on Mosquitto's 3.1.1, and EMQX's older form. */
const SHARED = /^(?:\$share\/[^/]*|\$queue)\//;
/** EMQX: the first client that subscribes keeps the topics for itself. */
const EXCLUSIVE = /^\$exclusive\//;

/** A topic filter as the broker is asked for it: the topics that it delivers have no prefix. */
export interface SplitFilter {
  /** `$share/<group>/`, `$queue/` or `$exclusive/`; empty in most filters. */
  readonly prefix: string;
  /** The filter that topics are held against. */
  readonly filter: string;
  /** Whether each message goes to one of several subscribers. */
  readonly shared: boolean;
}

/** Splits a topic filter into what says how the broker shares its topics, and the filter itself. */
export function splitFilter(text: string): SplitFilter {
  const shared = SHARED.exec(text)?.[0];
  const prefix = shared ?? EXCLUSIVE.exec(text)?.[0] ?? '';
  return { prefix, filter: text.slice(prefix.length), shared: shared !== undefined };
}

/** Tells whether a topic is one that `filter` asks for (MQTT 5, 4.7), however the broker shares it. */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = splitFilter(filter).filter.split('/');
  const levels = topic.split('/');
  // Wildcards in the first level do not reach the broker's own topics.
  if (topic.startsWith('$') && wanted[0] !== levels[0]) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
