/** The filter of `/v1` that `hatstand list` and its options mean. */
import { HatstandError } from '../../core/errors.ts';
import { type JobState, jobStates } from '../../core/job.ts';
import { nearest } from '../../core/nearest.ts';

export interface Narrowing {
  readonly filter?: string;
  readonly state?: readonly JobState[];
  readonly queue?: string;
  readonly worker?: string;
  readonly name?: string;
}

/** What other systems, HQ and cozy-stack above all, call these states. */
const synonyms: ReadonlyMap<string, readonly JobState[]> = new Map([
  ['success', ['succeeded']],
  ['done', ['succeeded']],
  ['errored', ['failed']],
  ['failure', ['failed']],
  ['cancelled', ['canceled']],
  ['canceling', ['stopping']],
  ['waiting', ['scheduled', 'queued']],
]);

const stateWords: readonly string[] = [...jobStates, ...synonyms.keys()];

/** One or more states, with commas between them; each is among `jobStates` or a synonym of one. Throws `invalid_request`. */
export function readStates(text: string): readonly JobState[] {
  return text.split(',').flatMap((word) => {
    const state = jobStates.find((known) => known === word);
    const meant = state === undefined ? synonyms.get(word) : [state];
    if (meant !== undefined) return meant;
    const near = nearest(word, stateWords);
    const hint = near === null ? '.' : `; did you mean ${synonyms.get(near)?.join(',') ?? near}?`;
    throw new HatstandError('invalid_request', `There is no state ${JSON.stringify(word)}${hint} There are: ${jobStates.join(', ')}.`);
  });
}

/**
 * Words behind `list`: ids and `-`, or terms of a filter, which join that of `--filter`. Throws `invalid_request` for what is neither.
 */
export function idsAndFilter(words: readonly string[], filter?: string): { readonly ids: readonly string[]; readonly filter?: string } {
  const terms = words.filter((word) => word.includes(':'));
  const ids = words.filter((word) => !word.includes(':'));
  const stray = ids.find((word) => word !== '-' && !/^\d+$/.test(word));
  if (stray !== undefined) throw noId(stray);
  const all = [...(filter === undefined ? [] : [filter]), ...terms];
  return all.length === 0 ? { ids } : { ids, filter: all.join(' ') };
}

function noId(word: string): HatstandError {
  const isState = stateWords.includes(word);
  const near = isState ? word : nearest(word, stateWords);
  const meant = near === null ? '' : isState ? ` Jobs in this state: -s ${near}.` : `; did you mean -s ${near}?`;
  return new HatstandError(
    'invalid_request',
    `${JSON.stringify(word)} is neither the id of a job nor a filter${meant.startsWith(';') ? meant : `.${meant}`} A filter has fields and values, such as name:send* or state:failed.`,
  );
}

/** All of them must hold. Throws `invalid_request` for what a filter cannot say. */
export function filterOf({ filter, state, queue, worker, name }: Narrowing): string {
  const terms = [
    filter,
    state === undefined ? undefined : `state:${state.join(',')}`,
    queue === undefined ? undefined : `queue:${quotedValue(queue, '--queue')}`,
    worker === undefined ? undefined : `worker:${quotedValue(worker, '--worker')}`,
    name === undefined ? undefined : `name:${quotedValue(plainName(name), '--name')}`,
  ];
  return terms.filter((term) => term !== undefined && term !== '').join(' ');
}

function quotedValue(text: string, option: string): string {
  if (text === '' || text.includes('"')) throw new HatstandError('invalid_request', `${option} must be a text without double quotes.`);
  return `"${text}"`;
}

/** HQ takes a regular expression in this place; as a name it would match nothing, without a word. */
function plainName(name: string): string {
  if (!/^\^|\$$|\.\*|\.\+|\\|\|/.test(name)) return name;
  throw new HatstandError(
    'invalid_request',
    '--name takes a whole name, or its beginning with a * behind it, no regular expression. `hatstand hq list --name` takes one.',
  );
}
