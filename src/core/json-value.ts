/**
 * A value as JSON text, for those who have values: payloads that the library pushes, results of functions. What JSON would
 * lose without a word is refused, with the place where it stands.
 */
import { HatstandError, messageOf } from './errors.ts';
import { jobLimits } from './new-job.ts';
import { hearAll, isPromise } from './promises.ts';

/** Each value takes a byte of the text or more, so what has more values than this is too large whatever they are. */
const mostValues = jobLimits.payloadBytes;
/** Characters of a path or of a foreign message that are told. */
const longestTold = 256;

/**
 * As `JSON.stringify` writes it: for a Date, and whatever else has a `toJSON`, what that gives; without members that are
 * `undefined`. `undefined` for `undefined` itself. Throws `invalid_request`, with the `path` to it, for what is no JSON: a
 * function, a symbol, a BigInt, a number that is not finite, `undefined` in an array, a Map, a Set, a Promise, bytes, an object
 * of a class of which JSON would keep nothing, a cycle, more than `jobLimits.depth` levels, and what throws when it is read.
 * Promises in what is refused are heard: that they reject later does not end the process.
 *
 * @param what names the value in the error, such as `payload`, whose details name the `field`
 */
export function jsonText(value: unknown, what: string, field = what): string | undefined {
  if (value === undefined) return undefined;
  const way: object[] = [];
  let walk: Walk | null = null;
  try {
    if (!isSimple(value, way)) {
      walk = new Walk();
      walk.visit(value);
    }
    return JSON.stringify(value);
  } catch (error) {
    // A getter, or a `toJSON`, may give others each time: those that were met are not found again.
    hearAll([...way, ...(walk?.way ?? []), value]);
    const told = error instanceof NotJson ? error.message : `cannot be read: ${messageOf(error).slice(0, longestTold)}`;
    const path = pathOf(error instanceof NotJson ? error.steps : (walk?.steps ?? []));
    throw new HatstandError('invalid_request', `${what} must be JSON, but ${path} ${told}`, { field, path });
  }
}

/**
 * Whether it is nothing but plain objects, arrays, texts and numbers, as most values are. All others are walked step by step.
 *
 * @param way gets the objects on the way to what is not simple
 */
function isSimple(value: unknown, way: object[]): boolean {
  try {
    return countDown(value, mostValues, jobLimits.depth, way) >= 0;
  } catch {
    return false;
  }
}

/** How many of `left` values are left when those of this one are taken away; below 0: too many, or something in it is not simple. */
function countDown(value: unknown, left: number, levels: number, way: object[]): number {
  if (typeof value === 'string' || typeof value === 'boolean' || value === null) return left - 1;
  if (typeof value === 'number') return Number.isFinite(value) ? left - 1 : -1;
  if (typeof value !== 'object') return -1;
  left = levels === 0 || 'toJSON' in value ? -1 : countDownInside(value, left - 1, levels - 1, way);
  if (left < 0) way.push(value);
  return left;
}

function countDownInside(value: object, left: number, levels: number, way: object[]): number {
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === Array.prototype) return countDownItems(value as readonly unknown[], left, levels, way);
  return prototype === Object.prototype ? countDownMembers(value as Readonly<Record<string, unknown>>, left, levels, way) : -1;
}

function countDownItems(items: readonly unknown[], left: number, levels: number, way: object[]): number {
  for (let at = 0; at < items.length && left >= 0; at++) left = countDown(items[at], left, levels, way);
  return left;
}

function countDownMembers(object: Readonly<Record<string, unknown>>, left: number, levels: number, way: object[]): number {
  for (const key in object) {
    const member = object[key];
    if (member !== undefined) left = countDown(member, left, levels, way);
    if (left < 0) break;
  }
  return left;
}

type Step = string | number;

/** The message goes on where the path has been named: `is a function. Leave it out.` */
class NotJson extends Error {
  readonly steps: readonly Step[];

  constructor(message: string, steps: readonly Step[]) {
    super(message);
    this.steps = [...steps];
  }
}

/** As JavaScript writes it, from `$`: `$.items[3].total`. */
function pathOf(steps: readonly Step[]): string {
  let path = '$';
  for (const step of steps) {
    if (typeof step === 'number') path += `[${step}]`;
    else path += /^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(step) ? `.${step}` : `[${JSON.stringify(step)}]`;
    if (path.length > longestTold) return `${path.slice(0, longestTold).toWellFormed()}…`;
  }
  return path;
}

/** Visits all that JSON would write. */
class Walk {
  /** From the root to the value at hand. */
  readonly steps: Step[] = [];
  /** The objects on that way: as many as steps have been taken, and the one at hand. */
  readonly #open: object[] = [];
  /** What a `toJSON` has given on that way. */
  readonly #given: object[] = [];
  #left = mostValues;

  /** The objects from the root to the value at hand, and what stands there for them. */
  get way(): readonly object[] {
    return [...this.#open, ...this.#given];
  }

  visit(value: unknown): void {
    this.#left -= 1;
    if (this.#left < 0) throw new NotJson(`has more than ${mostValues} values. Keep large data elsewhere and send its address.`, []);
    switch (typeof value) {
      case 'string':
      case 'boolean':
        break;
      case 'number':
        if (!Number.isFinite(value)) this.#refuse(`is ${value}. JSON has no such number: send null, or a text.`);
        break;
      case 'object':
        if (value !== null) this.#enter(value);
        break;
      case 'undefined':
        this.#refuse('is undefined. Send null instead.');
        break;
      case 'bigint':
        this.#refuse('is a BigInt. Send it as a text: String(value).');
        break;
      default:
        this.#refuse(`is a ${typeof value}. Leave it out.`);
    }
  }

  #refuse(told: string): never {
    throw new NotJson(told, this.steps);
  }

  #enter(object: object): void {
    if (this.#open.length === jobLimits.depth) this.#refuseDepth(object);
    if (isBytes(object)) this.#refuse(bytesRefused);
    if (object instanceof Date && Number.isNaN(object.getTime())) this.#refuse('is a Date that does not exist. Send null instead.');
    this.#open.push(object);
    const toJson = 'toJSON' in object ? object.toJSON : undefined;
    if (typeof toJson === 'function') this.#written(toJson.call(object, String(this.steps.at(-1) ?? '')));
    else this.#inside(object);
    this.#open.pop();
  }

  /** What a `toJSON` gave is not asked for another one. */
  #written(value: unknown): void {
    const isMember = typeof this.steps.at(-1) === 'string';
    if (value === undefined && isMember) return;
    if (typeof value === 'object' && value !== null) {
      this.#given.push(value);
      this.#inside(value);
      this.#given.pop();
    } else {
      this.visit(value);
    }
  }

  #inside(object: object): void {
    if (Array.isArray(object)) {
      for (let at = 0; at < object.length; at++) {
        this.steps.push(at);
        this.visit(object[at]);
        this.steps.pop();
      }
    } else if (object instanceof Number || object instanceof String || object instanceof Boolean) {
      this.visit(object.valueOf());
    } else {
      this.#members(object as Readonly<Record<string, unknown>>);
    }
  }

  #members(object: Readonly<Record<string, unknown>>): void {
    const keys = Object.keys(object);
    const lost = lossOf(object, keys.length === 0);
    if (lost !== null) this.#refuse(lost);
    for (const key of keys) {
      this.steps.push(key);
      const member = object[key];
      if (member !== undefined) this.visit(member);
      this.steps.pop();
    }
  }

  /** A cycle has no end, so it comes here. */
  #refuseDepth(object: object): never {
    const way = [...this.#open, object];
    const again = way.findIndex((each, at) => way.indexOf(each) < at);
    if (again < 0)
      throw new NotJson(`nests more than ${jobLimits.depth} levels of objects and arrays. Flatten it, or send it as a text.`, []);
    const first = pathOf(this.steps.slice(0, way.indexOf(way[again] ?? object)));
    throw new NotJson(`is ${first} again, a cycle. Send what it refers to by its id.`, this.steps.slice(0, again));
  }
}

/** Also a Buffer, of which JSON would make a list of numbers. */
const isBytes = (object: object): boolean => ArrayBuffer.isView(object) || object instanceof ArrayBuffer;
const bytesRefused = 'is binary data. Send it as a text, such as base64.';

/** What JSON would lose of an object that has no `toJSON`; `null`: nothing. */
function lossOf(object: object, isEmpty: boolean): string | null {
  const prototype: unknown = Object.getPrototypeOf(object);
  if (prototype === null || prototype === Object.prototype) return null;
  if (object instanceof Map) return 'is a Map, of which JSON keeps nothing. Send Object.fromEntries(map).';
  if (object instanceof Set) return 'is a Set, of which JSON keeps nothing. Send [...set].';
  if (isPromise(object)) return 'is a Promise. Await it first.';
  if (isBytes(object)) return bytesRefused;
  // A plain object of another realm has a prototype that has none.
  if (!isEmpty || Object.getPrototypeOf(prototype) === null) return null;
  return `is ${nameOf(object)}, of which JSON keeps nothing. Send a plain object with what it holds.`;
}

function nameOf(object: object): string {
  const name: unknown = typeof object.constructor === 'function' ? object.constructor.name : '';
  return typeof name === 'string' && name !== '' ? `an object of the class ${name.slice(0, longestTold)}` : 'an object of a class';
}
