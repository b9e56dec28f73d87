/** A definition's record (definition.lua): a line of words, and its state behind it. Its body lies on its own. */
import type { Definition, Part, Window } from '../../../core/definition.ts';
import { type EndCounts, withGone } from '../../../core/owned.ts';
import type { DefinitionCopy } from '../../../core/transfer.ts';
import type { Argument } from '../driver/driver.ts';
import { readFacts } from './facts.ts';
import { definitionWord, keyOfWord } from './owner.ts';
import type { ReplyReader } from './reply-reader.ts';
import { numberWord, textOf, timeOf, timeOrNull, wholeOf, wordOf } from './words.ts';

/** One as definitions/show.lua shows it, behind its word. Throws for what makes none. */
export function readDefinition(word: string, reader: ReplyReader): Definition {
  const [record, body, facts, live] = [reader.text(), reader.textOrNull(), reader.textOrNull(), reader.number()];
  const known = readFacts(facts);
  const end = record.indexOf('\n');
  const [version, changedAt, , due = '', firedAt = '', dueOnEnd, ...rest] = record.slice(0, end).split(' ');
  const [openedAt = '', closesAt = '', count, dropped, , group = ''] = rest;
  return {
    ...keyOfWord(word),
    version: wholeOf(version),
    group: textOf(group),
    body,
    state: record.slice(end + 1),
    due: timeOrNull(due),
    firedAt: timeOrNull(firedAt),
    dueOnEnd: dueOnEnd === '1',
    changedAt: timeOf(changedAt),
    window: windowOf(timeOrNull(openedAt), timeOrNull(closesAt), wholeOf(count), wholeOf(dropped)),
    owned: { ...known, live, ended: dueOnEnd === '1' ? withGone(readEnds(reader), known) : null },
  };
}

/** None of one that never had a job. */
function readEnds(reader: ReplyReader): EndCounts {
  const [succeeded = 0, failed = 0, canceled = 0] = reader.rest((each) => each.number());
  return { succeeded, failed, canceled };
}

const windowOf = (openedAt: number | null, closesAt: number | null, count: number, dropped: number): Window | null =>
  openedAt === null ? null : { openedAt, closesAt, count, dropped };

/** The record of a copy, before it has a version; its size is counted where it is kept. */
export function recordOfCopy({ definition, parts }: DefinitionCopy): string {
  const { group, state, due, firedAt, dueOnEnd, changedAt, window } = definition;
  const characters = parts.reduce((sum, part) => sum + part.length, 0);
  const words = [
    ...['0', changedAt, '0', numberWord(due), numberWord(firedAt), dueOnEnd ? '1' : '0'],
    ...[numberWord(window?.openedAt ?? null), numberWord(window?.closesAt ?? null)],
    ...[window?.count ?? 0, window?.dropped ?? 0, characters, wordOf(group)],
  ];
  return `${words.join(' ')}\n${state}`;
}

/** As definitions/gather.lua takes it. */
export function writePart(args: Argument[], part: Part): void {
  const { text, wait, maxWait, most } = part;
  args.push(definitionWord(part), text, ...[text.length, wait].map(String), numberWord(maxWait));
  args.push(String(most.parts), String(most.characters));
}
