/** What the list of processes shows of this one: everybody on the machine can read a command line. */
import { flagName, keyNames, keys } from '../../config/keys.ts';
import { hidden, isSecretName, shownUrl } from '../../core/secret.ts';

const secretFlags: ReadonlySet<string> = new Set([
  '--token',
  ...keyNames.filter((name) => keys[name].secret === true).flatMap((name) => [flagName(name), `--${keys[name].synonym?.flag ?? ''}`]),
]);

/** HQ takes options with one dash too. */
const isSecretFlag = (word: string): boolean => secretFlags.has(word) || secretFlags.has(`-${word}`);

/** Arguments without what is secret in them. */
export function shownArgs(args: readonly string[]): readonly string[] {
  return args.map((word, at) => {
    if (isSecretFlag(args[at - 1] ?? '')) return hidden;
    const [, flag = '', value = word] = /^(--?[a-z-]+=)(.*)$/s.exec(word) ?? [];
    if (isSecretFlag(flag.slice(0, -1))) return flag + hidden;
    return flag + (value.includes('://') ? shownUrl(value) : shownHeader(value));
  });
}

/** `Name: value`, as `push -H` takes it. */
function shownHeader(text: string): string {
  const [, name = ''] = /^([\w-]+)\s*:/.exec(text) ?? [];
  return name !== '' && isSecretName(name) ? `${name}: ${hidden}` : text;
}

/** As early as possible; until then, and to whoever looked before, it is to be seen all the same. There is no room for more than was there. */
export function hideSecretArgs(given: readonly string[]): void {
  const shown = shownArgs(given);
  if (shown.some((word, at) => word !== given[at])) process.title = ['hatstand', ...shown].join(' ');
}
