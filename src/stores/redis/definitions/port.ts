/** The definitions of the store's port: arguments become words, replies become answers. Each verb's Lua lies beside, by its name. */
import type { NewJob } from '../../../core/job.ts';
import type { DefinitionCopy } from '../../../core/transfer.ts';
import { cancelMoves } from '../../../core/transitions.ts';
import { putOffNotes, putOffReasons } from '../../../core/window.ts';
import type { DefinitionPut, DefinitionStore, Fired, Firing, Put } from '../../../ports/store/definitions.ts';
import type { Found } from '../../set-aside.ts';
import { sizeOfDefinitionCopies, sizeOfFirings, sizeOfParts, sizeOfPuts } from '../../size.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { bodyAround } from '../format/body.ts';
import { recordOfCopy, writePart } from '../format/definition.ts';
import { factsText } from '../format/facts.ts';
import { idsIn, paddedId } from '../format/ids.ts';
import { writeMovesAhead } from '../format/moves.ts';
import { rareExtras, writeNewJobs } from '../format/new-job.ts';
import { definitionWord } from '../format/owner.ts';
import { asList, asText } from '../format/reply-reader.ts';
import { noWord, numberWord, wordOf } from '../format/words.ts';
import type { Calls, StepOptions } from '../frame/calls.ts';
import { makeLooks } from './list.ts';

/** @param found hears of definitions that cannot be read */
export function makeDefinitionPort(calls: Calls, found: Found): DefinitionStore {
  return { ...makeSteps(calls), ...makeLooks(calls, found) };
}

function makeSteps(calls: Calls): Pick<DefinitionStore, 'put' | 'fire' | 'gather' | 'restore'> {
  return {
    put(puts, by) {
      const under: StepOptions = by === undefined ? {} : { target: { id: paddedId(by.id), fence: by.fence }, also: ['by'] };
      const write = (args: Argument[]): string => {
        for (const put of puts) writePut(args, put);
        return `${by === undefined ? '' : 'by '}${puts.length}`;
      };
      return calls.step('definitions.put', { size: sizeOfPuts(puts), ...under }, write, readPut);
    },
    fire(firings) {
      const write = (args: Argument[]): string => {
        writeMovesAhead(args, cancelMoves);
        for (const firing of firings) writeFiring(args, firing);
        return String(firings.length);
      };
      return calls.step(
        'definitions.fire',
        { size: sizeOfFirings(firings), also: ['owned', ...rareExtras(firings.flatMap(({ jobs }) => jobs))] },
        write,
        (reply) => asList(reply).rest((each) => readFired(each.text())),
      );
    },
    gather(parts) {
      const write = (args: Argument[]): string => {
        for (const part of parts) writePart(args, part);
        return String(parts.length);
      };
      return calls.step('definitions.gather', { size: sizeOfParts(parts) }, write, (reply) => readEach(reply, gathered));
    },
    restore(copies) {
      const write = (args: Argument[]): string => {
        for (const copy of copies) writeCopy(args, copy);
        return String(copies.length);
      };
      return calls.step('definitions.restore', { size: sizeOfDefinitionCopies(copies) }, write, (reply) => readEach(reply, restored));
    },
  };
}

const flag = (is: boolean): string => (is ? '1' : '0');

function writePut(args: Argument[], put: DefinitionPut): void {
  const { body, group, state, due, dueOnEnd, note = '', if: version } = put;
  args.push(definitionWord(put));
  if (body === null) args.push('0');
  else args.push('1', body);
  args.push(wordOf(group), state === null ? noWord : `=${state}`, due, flag(dueOnEnd), numberWord(version), wordOf(note));
}

function readPut(reply: Reply): Put {
  const [kind, ...numbers] = asText(reply).split(' ');
  if (kind === 'put') return { kind, versions: numbers.map(Number) };
  const [at, version] = numbers.map(Number);
  return at === undefined || version === undefined ? { kind: 'lost' } : { kind: 'stale', at, version };
}

function writeFiring(args: Argument[], firing: Firing): void {
  const { version, tick, next, state, overlap, note, collect, jobs, knownPutOff } = firing;
  const until = next === 'removed' ? next : numberWord(next);
  args.push(definitionWord(firing), String(version), String(tick), until, state, overlap, wordOf(collect === null ? note : `${note} `));
  args.push(knownPutOff === null ? noWord : wordOf(putOffNotes[knownPutOff]));
  const [first] = jobs;
  if (collect === null || first === undefined) args.push('0');
  else args.push('1', ...collect.payload, ...bodyAround(first, collect.about));
  writeNewJobs(args, collect === null ? jobs : jobs.map(withoutPayload));
}

/** The first one gets what the window has gathered. */
const withoutPayload = (job: NewJob, at: number): NewJob => (at === 0 ? { ...job, payload: null } : job);

function readFired(text: string): Fired {
  if (text === 'overlap' || text === 'replacing' || text === 'lost') return { kind: text };
  const reason = putOffReasons.find((each) => text === `putOff ${wordOf(putOffNotes[each])}`);
  if (reason !== undefined) return { kind: 'putOff', reason };
  return { kind: 'fired', ids: text === '' ? [] : idsIn(text) };
}

function writeCopy(args: Argument[], copy: DefinitionCopy): void {
  const { definition, parts } = copy;
  args.push(definitionWord(definition), recordOfCopy(copy), definition.body ?? '', factsText(definition.owned));
  args.push(String(parts.length), ...parts);
}

const gathered = ['gathered', 'dropped', 'missing'] as const;
const restored = ['restored', 'exists'] as const;

function readEach<const T extends string>(reply: Reply, answers: readonly T[]): readonly T[] {
  return asList(reply).rest((each) => {
    const text = each.text();
    const answer = answers.find((known) => known === text);
    if (answer === undefined) throw new Error(`one of ${answers.join(', ')} was expected, not ${text}`);
    return answer;
  });
}
