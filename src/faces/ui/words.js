/** What the words of the page mean, as the glossary of ARCHITECTURE.md has it. */
import { el } from './dom.js';

const meanings = {
  attempt: 'one claim of a job by one holder, under one fence',
  run: 'all attempts from a push, or from a restart, to an end',
  holder: "who runs an attempt: a node's incarnation, or an outside party with its own deadline",
  fence: 'the number that proves an attempt; each new attempt of a job has a larger one',
  lost: 'an attempt taken back because its holder is gone',
  returned: 'an attempt handed back by its holder',
  cause: 'why an attempt failed, in one word of a fixed set',
  unserved: 'waits, and no live node serves its worker in its queue',
  queue: 'where jobs wait, by name: what is paused, closed and limited',
  incarnation: 'one process that runs jobs; its incarnation is new at every start',
  lease: "a node's right to act, renewed as a whole, not per job",
  critical: 'active, and its machine is over a threshold, so that it claims nothing and gives its tasks away until it has recovered',
  late: 'live, and its lease has expired, so that it will be buried unless it renews it soon',
  buried: 'is taken for dead after it has expired',
  forget: 'is removed because somebody knows that it is dead',
  drain: 'start no more jobs and keep what runs',
};

/** @param {keyof typeof meanings | undefined} word */
export const meaningOf = (word) => meanings[word];

/** A list of words that opens, for those who have no pointer to rest on one. */
export function explanation(...words) {
  return el(
    'details',
    { class: 'words' },
    el('summary', {}, 'What the words mean'),
    el('dl', {}, ...words.map((word) => el('div', {}, el('dt', {}, word), el('dd', {}, meanings[word])))),
  );
}
