import { runInNewContext } from 'node:vm';
import { describe, expect, it } from 'vitest';
import { jobLimits } from './new-job.ts';
import { hear, hearAll, hearFew, isPromise } from './promises.ts';

class Slow extends Promise<number> {}

const refusing = (): object =>
  new Proxy({}, { get: () => expect.fail(), ownKeys: () => expect.fail(), getPrototypeOf: () => expect.fail() });

describe('a promise', () => {
  it.each<readonly [boolean, unknown]>([
    [true, Promise.resolve(1)],
    [true, Slow.resolve(1)],
    [true, runInNewContext('Promise.resolve(1)')],
    [false, {}],
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    [false, { then: () => expect.fail('it was asked') }],
    [false, refusing()],
    [false, null],
  ])('is told from what is none: %s', (is, value) => expect(isPromise(value)).toBe(is));

  it('may only say that it is one', () => {
    // biome-ignore lint/suspicious/noThenProperty: this is what is tested
    hear({ [Symbol.toStringTag]: 'Promise', then: () => expect.fail('it was asked') });
    hear(Object.defineProperty(Promise.resolve(1), 'constructor', { get: () => expect.fail() }));
  });
});

describe('the search for promises', () => {
  it('ends with whatever it is given', () => {
    const cyclic: unknown[] = [];
    cyclic.push(cyclic, new Map([[cyclic, cyclic]]));
    hearAll([cyclic, refusing(), new Array(2 ** 32 - 1), new Uint8Array(2 ** 28), null, 5, 'text']);
    let deep: unknown = 1;
    for (let level = 0; level < 100_000; level++) deep = [deep];
    hearAll([deep]);
  });

  it('looks at no more than a payload may have', () => {
    let asked = 0;
    const counting: object = new Proxy([], {
      get(_, name) {
        if (name !== 'length') asked += 1;
        return name === 'length' ? 2 ** 32 - 1 : 0;
      },
    });
    hearAll([counting, counting, [counting]]);
    expect(asked).toBeLessThanOrEqual(jobLimits.payloadBytes + 2);
  });

  it('looks at few parts of what nobody has measured, and does not even ask what the rest has', () => {
    let asked = 0;
    const many = (): object =>
      new Proxy(
        {},
        {
          ownKeys() {
            asked += 1;
            return Array.from({ length: 1_000 }, (_, at) => `key${at}`);
          },
          getOwnPropertyDescriptor: () => ({ value: 1, enumerable: true, configurable: true }),
        },
      );
    hearFew([Array.from({ length: 100 }, many)]);
    expect(asked).toBeLessThanOrEqual(5);
    const heard = Promise.reject(new Error('heard'));
    hearFew([Object.assign(new Error('of the attempt'), { within: { a: [heard] } })]);
  });
});
