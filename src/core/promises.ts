/**
 * Promises where a value is wanted. They are refused; that one of them rejects later, when nobody looks at it any more, must not
 * end the process.
 */
import { jobLimits } from './new-job.ts';

/** Objects that are looked into, and members of them that are looked at: as many as a payload may have bytes. */
const mostParts = jobLimits.payloadBytes;
/** Of what nobody has measured: an error may hold all of a program, and is looked at in one turn. */
const mostUnmeasured = 4_096;

/** Also of another realm, or of a class of its own. Never throws. */
export function isPromise(value: unknown): value is Promise<unknown> {
  if (typeof value !== 'object' || value === null) return false;
  try {
    return value instanceof Promise || Object.prototype.toString.call(value) === '[object Promise]';
  } catch {
    return false;
  }
}

const notHeard = (): void => undefined;

/** Its rejection counts as handled from now on. Whatever is no promise is left alone. Never throws. */
export function hear(value: unknown): void {
  if (!isPromise(value)) return;
  try {
    Promise.prototype.then.call(value, undefined, notHeard);
  } catch {
    // It only says that it is a promise, or nobody can listen to it.
  }
}

/**
 * Hears all promises that stand in these values, down to the depth that payloads may have: in objects, arrays, maps and sets,
 * the shallow ones first. Never throws.
 */
export const hearAll = (values: readonly unknown[]): void => hearParts(values, mostParts);

/** The same for what was thrown, or was returned where it does not count: few parts of it are looked at. Never throws. */
export const hearFew = (values: readonly unknown[]): void => hearParts(values, mostUnmeasured);

function hearParts(values: readonly unknown[], most: number): void {
  const seen = new Set<object>();
  let layer = values;
  let left = most;
  for (let level = 0; level <= jobLimits.depth && layer.length > 0; level++) {
    const next: object[] = [];
    for (const value of layer) {
      if (typeof value !== 'object' || value === null || seen.has(value)) continue;
      seen.add(value);
      hear(value);
      left = gather(value, next, left);
    }
    layer = next;
  }
}

/** Adds the objects that stand in this one. Answers how many of `left` parts are left when its own are taken away; 0: no more. */
function gather(object: object, into: object[], left: number): number {
  if (left <= 0) return 0;
  try {
    for (const part of partsOf(object)) {
      if (left <= 0) break;
      left -= 1;
      if (typeof part === 'object' && part !== null) into.push(part);
    }
  } catch {
    // What refuses to be looked at holds nothing that could be heard.
  }
  return left;
}

function* partsOf(object: object): Generator<unknown> {
  // Nothing stands in bytes, and there may be many of them.
  if (ArrayBuffer.isView(object)) return;
  if (object instanceof Map) yield* Map.prototype.keys.call(object);
  if (object instanceof Map) yield* Map.prototype.values.call(object);
  else if (object instanceof Set) yield* Set.prototype.values.call(object);
  if (Array.isArray(object)) {
    for (let at = 0; at < object.length; at++) yield object[at];
  } else {
    for (const key of Object.keys(object)) yield (object as Readonly<Record<string, unknown>>)[key];
  }
}
