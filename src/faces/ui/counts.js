/** What the numbers on the tabs count. */

/** The grammar's terms, as core/filter.ts reads them. */
const termsOf = (filter) => filter.match(/(?:[^\s"]|"[^"]*"?)+/g) ?? [];

/**
 * The jobs of each state, of which the server tells numbers by queue and worker alone.
 *
 * @param {string} filter without its state
 * @returns {{ jobs: Record<string, number>, total: number, note: string }} `note` says what is counted where that is not what the filter finds
 */
export function countsBeside(filter, stats) {
  const terms = termsOf(filter);
  const counted = terms.map(lineMatch);
  const known = counted.filter((match) => match !== null);
  if (terms.length === 0 || known.length === 0) return { ...stats, note: terms.length === 0 ? '' : noteOf('all jobs', terms) };
  const jobs = Object.fromEntries(Object.keys(stats.jobs).map((state) => [state, 0]));
  for (const line of stats.lines.filter((each) => known.every((matches) => matches(each))))
    for (const [state, count] of Object.entries(line.jobs)) jobs[state] += count;
  const total = Object.values(jobs).reduce((sum, count) => sum + count, 0);
  const isCounted = (_, at) => counted[at] !== null;
  const others = terms.filter((_, at) => counted[at] === null);
  return { jobs, total, note: others.length === 0 ? '' : noteOf(`all jobs with ${terms.filter(isCounted).join(' ')}`, others) };
}

const noteOf = (counted, terms) => `The numbers count ${counted}, not only those that ${terms.join(' ')} finds.`;

/** Whether a line meets the term; `null`: it is about something else. */
function lineMatch(term) {
  const [, not, field, value] = /^(-?)(queue|worker):(.+)$/.exec(term) ?? [];
  if (field === undefined) return null;
  const any = value.replaceAll('"', '').split(',');
  const meets = (name) => any.some((each) => (each.endsWith('*') ? name.startsWith(each.slice(0, -1)) : name === each));
  return (line) => meets(line[field]) !== (not === '-');
}
