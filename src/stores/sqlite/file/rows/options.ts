/** A job's options and headers as texts. They repeat from job to job, so what was read or written last is remembered. */
import type { JobOptions } from '../../../../core/job.ts';
import { headersIn, optionsIn } from '../../../../core/kept-json.ts';

/** The values of the newest texts. They are frozen, since jobs share them. */
class JsonMemo<T extends object> {
  readonly #values = new Map<string, T>();
  readonly #revive: (parsed: unknown) => T;

  constructor(revive: (parsed: unknown) => T) {
    this.#revive = revive;
  }

  read(text: string): T {
    const known = this.#values.get(text);
    if (known !== undefined) return known;
    if (this.#values.size >= remembered) this.#values.clear();
    const value = Object.freeze(this.#revive(JSON.parse(text)));
    this.#values.set(text, value);
    return value;
  }
}

const remembered = 256;

/** What the file leaves out of a job's options. Part of the file's format: it never changes, whatever new jobs default to. */
const unwritten: JobOptions = {
  timeout: null,
  retry: { attempts: 1, backoff: 1_000, maxBackoff: 3_600_000 },
  onLost: 'retry',
  rules: 'hq',
};

const optionsMemo = new JsonMemo<JobOptions>((parsed) => {
  const options = optionsIn(parsed, unwritten);
  Object.freeze(options.retry);
  return options;
});

export const readOptions = (text: string): JobOptions => optionsMemo.read(text);

/** Jobs share their options more often than not. */
const writtenOptions = new WeakMap<JobOptions, string>();

export function optionsText(options: JobOptions): string {
  const known = writtenOptions.get(options);
  if (known !== undefined) return known;
  const text = JSON.stringify({ ...different(options, unwritten), retry: different(options.retry, unwritten.retry) });
  writtenOptions.set(options, text);
  return text;
}

/** The members that are not what the file leaves out, `undefined` when there are none. */
function different<T extends object>(value: T, usual: T): Partial<T> | undefined {
  let found: Partial<T> | undefined;
  for (const key in value) if (value[key] !== usual[key]) found = { ...found, [key]: value[key] };
  return found;
}

type Headers = Readonly<Record<string, string>>;

const headersMemo = new JsonMemo<Headers>(headersIn);

export const readHeaders = (text: string | null): Headers | null => (text === null ? null : headersMemo.read(text));

export const headersText = (headers: Headers | null): string | null => (headers === null ? null : JSON.stringify(headers));
