/** Values of one request, each read by itself: others have their turn between them, and within the long ones. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { inSteps } from '../long-work.ts';
import { JsonText, shortText } from './json-text.ts';

/** How long values are read before others have their turn. */
const perStep: Millis = 2;

interface Reading<T> {
  /** Throws what is wrong with a value. */
  readonly read: (json: JsonText) => T;
  /** As `JsonText.read` has it. */
  readonly stayText?: readonly string[];
}

/** What each is read as, or what is wrong with it. As many as may be in memory together. */
export async function readEach<T>(texts: readonly string[], { read, stayText }: Reading<T>): Promise<readonly (T | HatstandError)[]> {
  const long = await Promise.all(texts.map((text) => (text.length > shortText ? orFault(() => JsonText.read(text, stayText)) : null)));
  const all: (T | HatstandError)[] = [];
  await inSteps(() => {
    const until = performance.now() + perStep;
    for (const text of texts.slice(all.length)) {
      const json = long[all.length] ?? orFaultNow(() => JsonText.ofShort(text));
      all.push(json instanceof HatstandError ? json : orFaultNow(() => read(json)));
      if (performance.now() >= until) break;
    }
    return all.length < texts.length;
  });
  return all;
}

function faultOf(error: unknown): HatstandError {
  if (error instanceof HatstandError) return error;
  throw error;
}

export const orFault = <T>(work: () => Promise<T>): Promise<T | HatstandError> => work().catch(faultOf);

function orFaultNow<T>(work: () => T): T | HatstandError {
  try {
    return work();
  } catch (error) {
    return faultOf(error);
  }
}
