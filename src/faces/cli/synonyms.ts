/** Words that mean a command and are not shown. */

/** HQ's, where they mean the same. */
export const hatstandVerbs: ReadonlyMap<string, string> = new Map([
  ['h', 'help'],
  ['stop', 'cancel'],
]);
export const hqVerbs: ReadonlyMap<string, string> = new Map([['h', 'help']]);

/** The arguments with the first word, and the one behind `help`, as the program calls it. */
export function withVerb(args: readonly string[], verbs: ReadonlyMap<string, string>): readonly string[] {
  const [first, ...others] = args;
  if (first === undefined) return ['help'];
  const verb = verbs.get(first) ?? first;
  const [topic, ...rest] = others;
  return verb === 'help' && topic !== undefined ? [verb, verbs.get(topic) ?? topic, ...rest] : [verb, ...others];
}
