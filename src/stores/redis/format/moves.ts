/** Moves, as scripts read them (moves.lua): what core has decided for each state that a job may be found in. */
import { type JobState, onLostWords } from '../../../core/job.ts';
import { loseMoves, type Move, type Moves, maxLost } from '../../../core/transitions.ts';
import type { Argument } from '../driver/driver.ts';
import { type KeptResult, keptResult } from './result.ts';
import { stateDigit } from './states.ts';
import { noWord, wordOf } from './words.ts';

/** Answers the moves' text; what results they bring follows as arguments. */
export function writeMoves(args: Argument[], moves: Moves): string {
  let text = '';
  for (const { move, digits } of byMove(moves)) {
    const result = keptBy(move);
    text += `${text === '' ? '' : ';'}${digits} ${moveWords(move)} ${result.kind}`;
    for (const each of result.texts) args.push(each);
  }
  return text;
}

/** The same, with the text before the results. */
export function writeMovesAhead(args: Argument[], moves: Moves): void {
  const at = args.push('') - 1;
  args[at] = writeMoves(args, moves);
}

/** The moves of a job that lost its holder, for every answer that its record may give (jobs/take-move.lua `takeLoseMoves`). */
export function writeLoseMoves(args: Argument[]): void {
  args.push(String(maxLost));
  for (const onLost of onLostWords) {
    for (let lost = 0; lost < maxLost; lost++) writeMovesAhead(args, loseMoves({ lost, options: { onLost } }));
  }
}

/** `keep`: the record goes on showing the result that it shows. */
function keptBy(move: Move): KeptResult | { readonly kind: 'keep'; readonly texts: readonly [] } {
  const result = 'result' in move ? move.result : null;
  return result === null ? { kind: 'keep', texts: [] } : keptResult(result);
}

/** States that follow one another with the same move share it. */
function byMove(moves: Moves): readonly { readonly move: Move; digits: string }[] {
  const found: { readonly move: Move; digits: string }[] = [];
  for (const state in moves) {
    const move = moves[state as JobState];
    if (move === undefined) continue;
    const digit = stateDigit(state as JobState);
    const last = found.at(-1);
    if (last?.move === move) last.digits += digit;
    else found.push({ move, digits: digit });
  }
  return found;
}

function moveWords(move: Move): string {
  switch (move.kind) {
    case 'end':
      return `end ${move.verb} ${stateDigit(move.to)} ${wordOf(move.reason)}`;
    case 'retry':
      return `retry retry ${move.delay} ${move.keep}`;
    case 'defer':
      return `defer defer ${move.delay} ${noWord}`;
    case 'release':
      return `release ${move.verb} ${move.lost ? 'lost' : 'kept'} ${noWord}`;
    case 'stop':
      return `stop cancel ${stateDigit('stopping')} ${noWord}`;
    case 'restart':
      return `restart restart ${stateDigit('queued')} ${move.keep}`;
  }
}
