/**
 * Puts scripts together from the files in lua/. The names of a file are its own but for those that its head says it gives;
 * whoever uses one of these has its file before it. A script has no file that it does not need: each costs time at every
 * call.
 */
import { readFileSync } from 'node:fs';
import { luaKeys } from './keys.ts';

interface File {
  readonly name: string;
  readonly text: string;
  readonly gives: readonly string[];
  readonly words: ReadonlySet<string>;
}

const files = new Map<string, File>();

function fileNamed(name: string): File {
  let file = files.get(name);
  if (file === undefined) {
    file = readFile(name);
    files.set(name, file);
  }
  return file;
}

function readFile(name: string): File {
  const text = readFileSync(new URL(`./lua/${name}.lua`, import.meta.url), 'utf8');
  const gives = [...text.matchAll(/^-- gives: (.*)$/gm)].flatMap(([, names = '']) => names.split(', '));
  const code = text.replaceAll(/--.*$|'[^'\n]*'/gm, '');
  return { name, text, gives, words: new Set(code.match(/(?<![.\w])[A-Za-z_]\w*/g)) };
}

/** All files that give something, in an order in which each stands behind those that it uses. */
const library = (
  'tape lists header writes states texts journal settings lines claims endings ids push push-many ' +
  'targets moves record fences ledger make settle show queues promote share holders held ended node usual-writes'
).split(' ');

/**
 * The text of a script that ends with these files, in their order.
 *
 * @param flags what Redis is told of it, such as `allow-oom`
 * @param shortcut a file that gives what the script answers, or nothing: then the rest of the script goes on. It stands right
 *   behind what it needs, so that the rest costs nothing when it is not needed.
 */
export function link(flags: string, last: readonly string[], shortcut: string | null = null): string {
  const first = shortcut === null ? [] : withNeeded([fileNamed(shortcut)]);
  const rest = withNeeded(last.map(fileNamed)).filter((file) => !first.includes(file));
  const linked = [...first, ...rest];
  const parts = linked.map((file, at) => enclose(file, linked.slice(0, at)));
  const firstKeys = luaKeys(textsOf(shortcut === null ? rest : first));
  const keys = [...luaKeys(textsOf(rest))].filter(([name]) => !firstKeys.has(name)).map(([, set]) => `key.${set}`);
  const answer = first.at(-1)?.gives.map((name) => `if ${name} then return ${name} end`) ?? [];
  const head = [`#!lua${flags === '' ? '' : ` flags=${flags}`}`, `local key = {\n${[...firstKeys.values()].join(',\n')}\n}`];
  return [...head, ...parts.slice(0, first.length), ...answer, ...keys, ...parts.slice(first.length)].join('\n');
}

const textsOf = (linked: readonly File[]): string => linked.map(({ text }) => text).join();

/** These files behind those of the library that they need. */
function withNeeded(ends: readonly File[]): readonly File[] {
  const before = library.map(fileNamed).filter((file) => !ends.includes(file));
  const needed = new Set<File>(ends);
  for (const file of [...before].reverse()) {
    if ([...needed].some(({ words }) => file.gives.some((name) => words.has(name)))) needed.add(file);
  }
  return [...before.filter((file) => needed.has(file)), ...ends];
}

/**
 * A function that is called at once with what the file takes and answers what it gives: names of one's own block cost Lua
 * less than those of a whole script. What gives nothing may be the last, and answer for the script.
 */
function enclose({ text, gives, words }: File, before: readonly File[]): string {
  const takes = ['key', ...before.flatMap((file) => file.gives)].filter((name) => words.has(name) && !gives.includes(name)).join(', ');
  const names = gives.join(', ');
  const code = text.trimEnd();
  if (gives.length === 0) return `${/^return /m.test(code) ? 'return ' : ';'}(function(${takes})\n${code}\nend)(${takes})`;
  return `local ${names} = (function(${takes})\nlocal ${names}\n${code}\nreturn ${names}\nend)(${takes})`;
}
