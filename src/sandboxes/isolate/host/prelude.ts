/**
 * What is in an isolate before its script. `prelude` travels into it as its own text, so nothing outside of the function is there.
 * It keeps what it needs of the language for itself, since a script may change all of it.
 */

/** A function of the host, as it is seen inside of an isolate: it waits, and takes and gives texts alone. */
interface HostFunction {
  applySyncPromise(receiver: undefined, args: readonly string[]): string;
  apply(receiver: undefined, args: readonly string[], options: { readonly result: { readonly promise: true } }): Promise<string>;
}

export interface PreludeLimits {
  readonly lineLength: number;
  readonly callLength: number;
  readonly calls: number;
  readonly message: number;
  readonly stack: number;
}

type Call = (name: string, ...args: readonly unknown[]) => unknown;
/** Makes what the script sees. */
export type Library = (call: Call, later: (name: string, ...args: readonly unknown[]) => Promise<unknown>) => void;

/** Runs a step of the script: answers `''`, or what it threw as JSON text. */
export type RunStep = (step: () => unknown) => string | Promise<string>;

/**
 * @param ask takes the name of what is asked for and its arguments as JSON, and answers JSON of `{v}` or `{e}`
 * @param say takes a level and a line
 */
export function prelude(ask: HostFunction, say: HostFunction, limits: PreludeLimits, library: Library): RunStep {
  const { parse, stringify } = JSON;
  const { apply } = Reflect;
  const { slice, toWellFormed } = String.prototype;
  const [textFrom, Thrown] = [String, Error];
  const [askHost, askHostLater, sayHost] = [ask.applySyncPromise, ask.apply, say.applySyncPromise];

  /** At most so many characters, that are Unicode. */
  const cut = (text: string, most: number): string => apply(toWellFormed, apply(slice, text, [0, most]), []);

  const textOf = (name: string, args: readonly unknown[]): string => {
    const text = stringify(args);
    if (text.length <= limits.callLength) return text;
    throw new Thrown(`the arguments of ${name} may have ${limits.callLength} characters, not ${text.length}`);
  };
  const answered = (answer: string): unknown => {
    const { v, e } = parse(answer) as { readonly v?: unknown; readonly e?: string };
    if (e !== undefined) throw new Thrown(e);
    return v;
  };
  const call: Call = (name, ...args) => answered(apply(askHost, ask, [undefined, [name, textOf(name, args)]]));
  let waiting = 0;
  const later = async (name: string, ...args: readonly unknown[]): Promise<unknown> => {
    if (waiting >= limits.calls) throw new Thrown(`${limits.calls} calls wait for their answers; no more may`);
    const text = textOf(name, args);
    waiting += 1;
    try {
      return answered(await apply(askHostLater, ask, [undefined, [name, text], { result: { promise: true } }]));
    } finally {
      waiting -= 1;
    }
  };

  const member = (value: unknown, name: string): string => {
    try {
      const found = (value as Record<string, unknown>)[name];
      return typeof found === 'string' ? found : '';
    } catch {
      return '';
    }
  };

  const shown = (value: unknown): string => {
    if (typeof value === 'string') return value;
    try {
      if (value instanceof Thrown) return member(value, 'stack') || textFrom(value);
      if (typeof value === 'object' && value !== null) return textFrom(stringify(value));
      return textFrom(value);
    } catch {
      return '[what cannot be shown]';
    }
  };

  const write =
    (level: string) =>
    (...values: readonly unknown[]): void => {
      let text = '';
      for (let at = 0; at < values.length && text.length <= limits.lineLength; at++) text += `${at === 0 ? '' : ' '}${shown(values[at])}`;
      apply(sayHost, say, [undefined, [level, cut(text, limits.lineLength)]]);
    };

  const define = (name: string, value: unknown): void => {
    Object.defineProperty(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  };

  // Memory that no limit counts, and threads.
  for (const name of ['WebAssembly', 'SharedArrayBuffer', 'Atomics']) Reflect.deleteProperty(globalThis, name);
  define('console', { log: write('info'), info: write('info'), debug: write('debug'), warn: write('warn'), error: write('error') });
  library(call, later);

  /** As V8 says what a source has thrown. */
  const nameIsTold = (name: string, said: string): boolean => name !== '' && name !== 'Error' && said !== '';

  const told = (thrown: unknown): string => {
    const isError = typeof thrown === 'object' && thrown !== null;
    const name = isError ? member(thrown, 'name') : '';
    const said = isError ? member(thrown, 'message') : '';
    const message = said === '' && name === '' ? shown(thrown) : nameIsTold(name, said) ? `${name}: ${said}` : said || name;
    const stack = isError ? member(thrown, 'stack') : '';
    return stringify({ message: cut(message, limits.message), stack: cut(stack, limits.stack) });
  };

  const outcome = async (promise: unknown): Promise<string> => {
    try {
      await promise;
      return '';
    } catch (error) {
      return told(error);
    }
  };

  return (step) => {
    try {
      const returned = step();
      const mayWait = typeof returned === 'object' && returned !== null && 'then' in returned;
      return mayWait ? outcome(returned) : '';
    } catch (error) {
      return told(error);
    }
  };
}
