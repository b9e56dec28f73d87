/**
 * Puts scripts together from the files in lua/. The names of a file are its own but for those that its head says it gives;
 * whoever uses one of these has its file before it. A script has no file that it does not need: each costs time at every
 * call.
 */
import { readFileSync } from 'node:fs';
import { luaKeys, withKeysInline } from './keys.ts';

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
  'targets moves record fences ledger make settle show queues promote share holders held ended node'
).split(' ');

/**
 * The text of a script that ends with these files, in their order.
 *
 * @param flags what Redis is told of it, such as `allow-oom`
 * @param shortWay files that together answer for the script, or nothing: then the rest of the script goes on. It stands
 *   first, so that the rest costs nothing when it is not needed.
 */
export function link(flags: string, last: readonly string[], shortWay: readonly string[] = []): string {
  const linked = withNeeded(last.map(fileNamed));
  const keys = [...luaKeys(linked.map(({ text }) => text).join()).values()];
  return [
    `#!lua${flags === '' ? '' : ` flags=${flags}`}`,
    ...(shortWay.length === 0 ? [] : [`local answer = (function()\n${join(shortWay.map(fileNamed))}\nend)()`, ifAnswered]),
    `local key = {\n${keys.join(',\n')}\n}`,
    ...linked.map((file, at) => enclose(file, ['key', ...linked.slice(0, at).flatMap(({ gives }) => gives)])),
  ].join('\n');
}

export const ifAnswered = 'if answer then return answer end';

/** Files with their names in common; but those of the library keep their own. */
function join(files: readonly File[]): string {
  const names: string[] = [];
  return files
    .map((file) => {
      const text = withKeysInline(file.text).trimEnd();
      if (file.gives.length > 0) return enclose({ ...file, text }, names);
      for (const [, declared = ''] of text.matchAll(/^local ([\w, ]+)/gm)) names.push(...declared.trim().split(', '));
      return text;
    })
    .join('\n');
}

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
function enclose({ text, gives, words }: File, before: readonly string[]): string {
  const takes = before.filter((name) => words.has(name) && !gives.includes(name)).join(', ');
  const names = gives.join(', ');
  const code = text.trimEnd();
  if (gives.length === 0) return `${/^return /m.test(code) ? 'return ' : ';'}(function(${takes})\n${code}\nend)(${takes})`;
  return `local ${names} = (function(${takes})\nlocal ${names}\n${code}\nreturn ${names}\nend)(${takes})`;
}
