/**
 * What a function returned in place of its value. A thenable is anybody's code: it may settle twice, throw, or lead to another
 * one without end. It is followed as a promise would follow it, but not for ever, and whatever comes of it is heard.
 */

type Then = (kept: (value: unknown) => void, failed: (reason: unknown) => void) => unknown;

export interface Thenable {
  readonly object: unknown;
  /** Its `then`, which was read once. */
  readonly method: Then;
}

/** A value that is no thenable; in a box, so that nobody asks it again whether it is one. */
export interface Returned {
  readonly value: unknown;
}

/** More thenables than this, each the value of the one before, have no end. */
const mostThenables = 1_000;

/** `null` for what is no thenable. Throws what its getter throws. */
export function thenableOf(value: unknown): Thenable | null {
  if ((typeof value !== 'object' && typeof value !== 'function') || value === null || !('then' in value)) return null;
  const { then } = value;
  return typeof then === 'function' ? { object: value, method: then as Then } : null;
}

/** What it comes to in the end. Rejects with what it rejects with or throws. */
export function follow(first: Thenable): Promise<Returned> {
  const { promise, resolve, reject } = Promise.withResolvers<Returned>();
  let followed = 0;

  function ask({ object, method }: Thenable): void {
    let settled = false;
    // The first answer counts.
    const once = (act: (answer: unknown) => void) => (answer: unknown) => {
      if (settled) return;
      settled = true;
      act(answer);
    };
    try {
      method.call(object, once(take), once(reject));
    } catch (error) {
      once(reject)(error);
    }
  }

  function take(value: unknown): void {
    try {
      const next = thenableOf(value);
      followed += 1;
      if (next === null) resolve({ value });
      else if (followed <= mostThenables) ask(next);
      else reject(new Error(`the function returned a promise of more than ${mostThenables} promises of each other`));
    } catch (error) {
      reject(error);
    }
  }

  ask(first);
  return promise;
}
