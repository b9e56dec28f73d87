/**
 * The linker puts a script together from Lua files. The first lines of a file say what it needs and what it gives:
 *
 *     -- needs: take, answerCalls from frame/tape
 *     -- needs: pushJobs from jobs/push only: pushes
 *     -- gives: settingsOf
 *     -- shares: verbs
 *     -- parts: scrub
 *
 * Names that it gives or shares are known to those files alone that need them, all others are its own; what it shares is a
 * table that others add to. A script has the files that it ends with, before each all that it needs, and nothing else.
 * `parts` are all files of that name, one of each noun that has any, in the order of the port.
 *
 * A script is made for a few purposes, such as the verbs that it answers. What stands between the lines `-- only: jobs.push`
 * and `-- always` is left out of a script that is not for this, and so is what is needed `only` for it.
 *
 * Names in capitals are constants, each a line `NAME = 'text'` or `NAME = 7`: the text is written wherever the name stands, and
 * who needs nothing else of a file does not need the file.
 *
 * Each file is a block of the script, and the names that it gives to others stand before the block. So names cost nothing at
 * run time, and only these count among the 200 locals that Lua allows. But each function costs about 0.1 µs at every call of a
 * script that has it: so files are small, and a constant pattern is given where a function would do no more.
 */
import { existsSync, readFileSync } from 'node:fs';
import { verbs } from '../../verbs.ts';
import { withKeys } from '../format/keys.ts';

export interface LuaFile {
  /** Its path below the store's folder, without its ending: `jobs/settle`. */
  readonly name: string;
  readonly needs: readonly Need[];
  readonly gives: readonly string[];
  /** Those of them that are in capitals, each with its text. */
  readonly constants: ReadonlyMap<string, string>;
  readonly parts: readonly string[];
  readonly code: readonly Piece[];
}

interface Need {
  readonly name: string;
  readonly from: string;
  readonly only: string | null;
}

interface Piece {
  readonly only: string | null;
  readonly lines: readonly string[];
}

/** Answers a file's text; `null`: there is none. */
export type ReadFile = (name: string) => string | null;

/** What a script is made of. */
export interface ScriptPlan {
  readonly flags: string;
  /** The files that it ends with, in their order. */
  readonly ends: readonly string[];
  readonly purposes: readonly string[];
}

const root = new URL('../', import.meta.url);

const readLua: ReadFile = (name) => {
  const path = new URL(`${name}.lua`, root);
  return existsSync(path) ? readFileSync(path, 'utf8') : null;
};

/** Those of the port, in its order. */
const nounsOfPort = [...new Set(Object.keys(verbs).map((verb) => verb.slice(0, verb.indexOf('.'))))];

export class Linker {
  readonly #read: ReadFile;
  readonly #nouns: readonly string[];
  readonly #files = new Map<string, LuaFile>();

  constructor(read: ReadFile = readLua, nouns: readonly string[] = nounsOfPort) {
    this.#read = read;
    this.#nouns = nouns;
  }

  /** The text of a script. Throws when the first lines of a file are not true of it. */
  link(plan: ScriptPlan): string {
    const flags = plan.flags === '' ? '' : ` flags=${plan.flags}`;
    const files = this.files(plan);
    const needed = new Set(files.flatMap((file) => needsFor(file, plan.purposes).map(({ name }) => name)));
    const blocks = files.map((file) => this.#inPlace(file, blockOf(file, plan.purposes, needed)));
    return [`#!lua${flags}`, 'local prefix = KEYS[1]', ...blocks].join('\n');
  }

  /** How many names of its files stand side by side in a script: Lua allows 200 there, with those within a block. */
  namesIn(plan: Pick<ScriptPlan, 'ends' | 'purposes'>): number {
    const files = this.files(plan);
    const needed = new Set(files.flatMap((file) => needsFor(file, plan.purposes).map(({ name }) => name)));
    return files.reduce((sum, { gives, constants }) => sum + gives.filter((name) => needed.has(name) && !constants.has(name)).length, 0);
  }

  /** The files of a script, each behind all that it needs. */
  files({ ends, purposes }: Pick<ScriptPlan, 'ends' | 'purposes'>): readonly LuaFile[] {
    const done = new Set<LuaFile>();
    const under: string[] = [];
    const add = (name: string): void => {
      const file = this.file(name);
      if (done.has(file)) return;
      if (under.includes(name)) throw new Error(`${[...under.slice(under.indexOf(name)), name].join(' needs ')}: none can be the first.`);
      under.push(name);
      for (const from of this.#neededBy(file, purposes)) add(from);
      under.pop();
      done.add(file);
    };
    for (const name of ends) add(name);
    return [...done];
  }

  file(name: string): LuaFile {
    const known = this.#files.get(name);
    if (known !== undefined) return known;
    const text = this.#read(name);
    if (text === null) throw new Error(`There is no file ${name}.lua.`);
    const file = parseFile(name, text);
    this.#files.set(name, file);
    return file;
  }

  /** The text with its constants. */
  #inPlace(file: LuaFile, text: string): string {
    const constants = new Map(file.constants);
    for (const { name, from } of file.needs) {
      const constant = this.file(from).constants.get(name);
      if (constant !== undefined) constants.set(name, constant);
    }
    const spelt = (code: string): string => code.replaceAll(/(?<![.\w])[A-Z][A-Z0-9_]*\b/g, (name) => constants.get(name) ?? name);
    return text
      .split(quoted)
      .map((part, at) => (at % 2 === 0 ? spelt(part) : part))
      .join('');
  }

  #neededBy(file: LuaFile, purposes: readonly string[]): readonly string[] {
    const parts = file.parts.flatMap((part) => this.#nouns.map((noun) => `${noun}/${part}`));
    const needs = needsFor(file, purposes);
    for (const { name, from } of needs) {
      if (!this.file(from).gives.includes(name))
        throw new Error(`${file.name}.lua needs ${name} from ${from}.lua, which does not give it.`);
    }
    return [
      ...parts.filter((part) => part !== file.name && this.#read(part) !== null),
      ...needs.filter(({ name, from }) => !this.file(from).constants.has(name)).map(({ from }) => from),
    ];
  }
}

/** Texts in Lua, each kept when a code is split by it. */
const quoted = /('(?:[^'\\\n]|\\.)*')/;
const constant = /^([A-Z][A-Z0-9_]*) = ('(?:[^'\\]|\\.)*'|\d+)$/;

const isFor = ({ only }: { readonly only: string | null }, purposes: readonly string[]): boolean =>
  only === null || purposes.includes(only);

const needsFor = ({ needs }: LuaFile, purposes: readonly string[]): readonly Need[] => needs.filter((need) => isFor(need, purposes));

/** @param needed all that is needed in the script: what nobody else needs stays within the block */
function blockOf({ gives, constants, code }: LuaFile, purposes: readonly string[], needed: ReadonlySet<string>): string {
  const declared = (names: readonly string[]): readonly string[] => (names.length === 0 ? [] : [`local ${names.join(', ')}`]);
  const lines = code.filter((piece) => isFor(piece, purposes)).flatMap((piece) => piece.lines);
  const names = gives.filter((name) => !constants.has(name));
  const [outside, inside] = [names.filter((name) => needed.has(name)), names.filter((name) => !needed.has(name))];
  return [...declared(outside), 'do', ...declared(inside), ...lines, 'end'].map(tight).join('\n');
}

const literal = /('(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*")/;

/** Without blanks that Lua does not need, so that the server reads less. What is in quotes stays. */
const tight = (line: string): string =>
  line
    .split(literal)
    .map((part, at) => (at % 2 === 0 ? part.replaceAll(/ ?([,=(){}]) ?/g, '$1') : part))
    .join('');

function parseFile(name: string, text: string): LuaFile {
  const lines = text.split('\n').map((line) => line.trim());
  const head = lines.slice(
    0,
    lines.findIndex((line) => !line.startsWith('--')),
  );
  const said = (word: string): readonly string[] =>
    head.flatMap((line) => (line.startsWith(`-- ${word}: `) ? [line.slice(word.length + 5)] : []));
  const names = (word: string): readonly string[] => said(word).flatMap((each) => each.split(', '));
  const gives = [...names('gives'), ...names('shares')];
  const constants = new Map(lines.flatMap((line) => constantIn(line, gives)));
  const file = {
    ...{ name, gives, constants },
    needs: said('needs').flatMap((each) => needsIn(name, each)),
    parts: names('parts'),
    code: piecesOf(lines.filter((line) => constantIn(line, gives).length === 0)),
  };
  checkNames(file);
  return file;
}

function constantIn(line: string, gives: readonly string[]): readonly (readonly [name: string, text: string])[] {
  const [, name, text] = constant.exec(line) ?? [];
  return name !== undefined && text !== undefined && gives.includes(name) ? [[name, text]] : [];
}

function needsIn(file: string, said: string): readonly Need[] {
  const [, names, from, only = null] = /^(.+?) from (\S+)(?: only: (\S+))?$/.exec(said) ?? [];
  if (names === undefined || from === undefined) {
    throw new Error(`${file}.lua must say "needs: <names> from <file>", not "needs: ${said}".`);
  }
  return names.split(', ').map((name) => ({ name, from, only }));
}

/** The code, without comments and with its keys spelt out, in pieces by what it is for. */
function piecesOf(lines: readonly string[]): readonly Piece[] {
  const pieces: { readonly only: string | null; readonly lines: string[] }[] = [{ only: null, lines: [] }];
  for (const line of lines) {
    const only = /^-- only: (\S+)$/.exec(line)?.[1];
    if (only !== undefined || line === '-- always') pieces.push({ only: only ?? null, lines: [] });
    else if (line !== '' && !line.startsWith('--')) pieces.at(-1)?.lines.push(withKeys(line));
  }
  return pieces;
}

/**
 * What is needed is used and what is given is there, once each. Whether all that is used is needed is for luacheck to say,
 * which knows Lua's scopes (.luacheckrc).
 */
function checkNames({ name: file, needs, gives, constants, code }: LuaFile): void {
  const text = code.flatMap(({ lines }) => lines).join('\n');
  const words = new Set(text.replaceAll(/'[^'\n]*'/g, '').match(/(?<![.\w])[A-Za-z_]\w*/g));
  const names = [...needs.map(({ name }) => name), ...gives];
  for (const [at, name] of names.entries()) {
    const isNeeded = at < needs.length;
    if (names.indexOf(name) !== at) throw new Error(`${file}.lua names ${name} twice.`);
    if (isNeeded ? words.has(name) : constants.has(name)) continue;
    if (!words.has(name)) throw new Error(`${file}.lua ${isNeeded ? 'needs' : 'gives'} ${name}, which is not in its code.`);
    if (name === name.toUpperCase()) throw new Error(`${file}.lua gives ${name}, which is in capitals and no constant.`);
  }
}
