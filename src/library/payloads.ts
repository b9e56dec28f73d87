/** The payloads of a push of many as jobs, each made when it is asked for. */
import type { HatstandError } from '../core/errors.ts';
import type { NewJob } from '../core/job.ts';
import { hearAll } from '../core/promises.ts';
import { refused, shown } from './option.ts';

type Make<Payload> = (payload: Payload, at: number) => NewJob;
/** `null`: no job is made of it. */
type CheckedMake<Payload> = (payload: Payload, at: number) => NewJob | Promise<NewJob | null>;

/** Where payloads come from, as long as somebody waits for them. */
export class PayloadSources {
  readonly #waiting = new Set<(why: HatstandError) => void>();

  /** Throws `invalid_request` for what has no payloads. */
  jobsOf<Payload>(payloads: Iterable<Payload> | AsyncIterable<Payload>, make: Make<Payload>): Iterable<NewJob> | AsyncIterable<NewJob> {
    // Not every caller is held to the types.
    const given: unknown = payloads;
    if (given instanceof Object) {
      if (Symbol.iterator in payloads) return each(payloads, make);
      if (Symbol.asyncIterator in payloads) return { [Symbol.asyncIterator]: () => new Source(payloads, make, this.#waiting) };
    }
    throw noPayloads(payloads);
  }

  /** The same, where it takes time to make a job. */
  checkedJobsOf<Payload>(payloads: Iterable<Payload> | AsyncIterable<Payload>, make: CheckedMake<Payload>): AsyncIterable<NewJob> {
    const given: unknown = payloads;
    if (!(given instanceof Object)) throw noPayloads(payloads);
    if (Symbol.asyncIterator in payloads) return { [Symbol.asyncIterator]: () => new Source(payloads, make, this.#waiting) };
    if (Symbol.iterator in payloads) return { [Symbol.asyncIterator]: () => new Source(oneByOne(payloads), make, this.#waiting) };
    throw noPayloads(payloads);
  }

  /** Nobody waits for them any more: a source may be silent for ever. */
  end(why: HatstandError): void {
    for (const fail of this.#waiting) fail(why);
  }
}

const noPayloads = (given: unknown): HatstandError =>
  refused(`pushMany takes a list of payloads, or what can be iterated over, not ${shown(given)}.`, 'payloads');

/** A list as a source. Unlike a generator it gives a promise as it stands: as a payload it is refused. */
function oneByOne<Payload>(payloads: Iterable<Payload>): AsyncIterable<Payload> {
  const items = payloads[Symbol.iterator]();
  const end = async (): Promise<IteratorResult<Payload, undefined>> => {
    // Nobody comes to the others of a list.
    if (Array.isArray(payloads)) hearAll(payloads);
    items.return?.();
    return { done: true, value: undefined };
  };
  return { [Symbol.asyncIterator]: () => ({ next: async () => items.next(), return: end }) };
}

function* each<Payload>(payloads: Iterable<Payload>, make: Make<Payload>): Generator<NewJob> {
  let at = 0;
  try {
    for (const payload of payloads) yield make(payload, at++);
  } catch (error) {
    // Nobody comes to the others of a list: somebody may have given the promises of payloads.
    if (Array.isArray(payloads)) hearAll(payloads);
    throw error;
  }
}

/** Payloads as they come. What ends it tells the source at once, and waits neither for its next one nor for what it does to end. */
class Source<Payload> implements AsyncIterator<NewJob, undefined> {
  readonly #payloads: AsyncIterator<Payload>;
  readonly #make: CheckedMake<Payload>;
  readonly #waiting: Set<(why: HatstandError) => void>;
  #at = 0;
  #reject: (why: unknown) => void = () => undefined;
  #failed: HatstandError | null = null;

  constructor(payloads: AsyncIterable<Payload>, make: CheckedMake<Payload>, waiting: Set<(why: HatstandError) => void>) {
    this.#payloads = payloads[Symbol.asyncIterator]();
    this.#make = make;
    this.#waiting = waiting;
    waiting.add(this.#fail);
  }

  next(): Promise<IteratorResult<NewJob, undefined>> {
    if (this.#failed !== null) return Promise.reject(this.#failed);
    const { promise, resolve, reject } = Promise.withResolvers<IteratorResult<NewJob, undefined>>();
    this.#reject = reject;
    this.#asked().then(resolve, reject);
    return promise;
  }

  async return(): Promise<IteratorResult<NewJob, undefined>> {
    this.#waiting.delete(this.#fail);
    await this.#payloads.return?.();
    return { done: true, value: undefined };
  }

  async #asked(): Promise<IteratorResult<NewJob, undefined>> {
    for (;;) {
      const next = await this.#next();
      if (next.done === true) return { done: true, value: undefined };
      try {
        const made = this.#make(next.value, this.#at++);
        const job = made instanceof Promise ? await made : made;
        if (job !== null) return { done: false, value: job };
      } catch (error) {
        this.#end();
        throw error;
      }
    }
  }

  /** A source that has ended, or failed, is not told to. */
  async #next(): Promise<IteratorResult<Payload, unknown>> {
    try {
      const next = await this.#payloads.next();
      if (next.done === true) this.#waiting.delete(this.#fail);
      return next;
    } catch (error) {
      this.#waiting.delete(this.#fail);
      throw error;
    }
  }

  readonly #fail = (why: HatstandError): void => {
    this.#failed = why;
    this.#reject(why);
    this.#end();
  };

  #end(): void {
    this.return().catch(() => undefined);
  }
}
