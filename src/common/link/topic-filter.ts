/**
 * Tells whether a topic is one that `filter` asks for (MQTT 5, 4.7); `$share/<group>/` in front of the filter is left
 * aside.
 */
export function topicMatches(filter: string, topic: string): boolean {
  const wanted = (filter.startsWith('$share/') ? filter.split('/').slice(2).join('/') : filter).split('/');
  const levels = topic.split('/');
  // Wildcards in the first level do not reach the broker's own topics.
  if (topic.startsWith('$') && wanted[0] !== levels[0]) return false;
  for (const [index, level] of wanted.entries()) {
    if (level === '#') return true;
    if (index >= levels.length || (level !== '+' && level !== levels[index])) return false;
  }
  return wanted.length === levels.length;
}
