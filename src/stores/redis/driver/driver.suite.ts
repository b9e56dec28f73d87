/** What the tests of the driver share: scripts, and drivers that are closed at the end. */
import { afterEach } from 'vitest';
import { HatstandError } from '../../../core/errors.ts';
import { type Driver, type DriverOptions, openDriver, type Script } from './driver.ts';

export const tag = 'test';
export const key = `{${tag}}:list`;

/** Appends, and answers how many there are: what was done twice would show. */
export const append: Script = {
  name: 'append',
  source: "#!lua\nreturn redis.call('RPUSH', KEYS[1], ARGV[1])",
  writes: true,
};

/** The same where there is no memory left. */
export const settle: Script = {
  name: 'settle',
  source: "#!lua flags=allow-oom\nreturn redis.call('RPUSH', KEYS[1], ARGV[1])",
  writes: true,
};

export const broken: Script = { name: 'broken', source: '#!lua\nreturn redis.call("RPUSH", KEYS[1])', writes: true };

export interface TestDriver extends Driver {
  append(value: string): Promise<unknown>;
  /** What was appended, in order. */
  all(): Promise<unknown>;
  /** Warnings so far, as `event: fact`. */
  readonly warnings: readonly string[];
}

const opened: Driver[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((driver) => driver.close()));
});

export async function openTestDriver(url: string, options: Partial<DriverOptions> = {}): Promise<TestDriver> {
  const warnings: string[] = [];
  const warn = (event: string, fields: object = {}): void => {
    warnings.push(`${event}: ${Object.values(fields).join()}`);
  };
  const logger = { debug() {}, info() {}, warn, error: warn };
  const driver = await openDriver({ url, tag, logger, ...options });
  opened.push(driver);
  return {
    run: (script, keys, args) => driver.run(script, keys, args),
    read: (command, ...args) => driver.read(command, ...args),
    subscribe: (channel, onMessage, onGap) => driver.subscribe(channel, onMessage, onGap),
    onReconnect: (listener) => driver.onReconnect(listener),
    durability: () => driver.durability(),
    lacks: () => driver.lacks(),
    location: driver.location,
    reachedFrom: () => driver.reachedFrom(),
    close: () => driver.close(),
    append: (value) => driver.run(append, [key], [value]),
    all: () => driver.read('LRANGE', key, '0', '-1'),
    warnings,
  };
}

/** The code with which it was refused; the reply as text when it was not. */
export async function codeOf(call: Promise<unknown>): Promise<string> {
  try {
    return `done: ${JSON.stringify(await call)}`;
  } catch (error) {
    if (error instanceof HatstandError) return error.code;
    throw error;
  }
}

/** The message with which it was refused. */
export async function messageOfRefusal(call: Promise<unknown>): Promise<string> {
  return await call.then(
    (value) => `done: ${JSON.stringify(value)}`,
    (error: unknown) => (error instanceof HatstandError ? `${error.code}: ${error.message}` : String(error)),
  );
}
