import { describe, expect, it } from 'vitest';
import type { Imported } from '../client/upkeep.ts';
import { ImportSum } from './import-sum.ts';

const none = { limits: 0, limitsKept: 0, definitions: 0, definitionsKept: 0 };

function sumOf(answer: Partial<Imported>): ImportSum {
  const sum = new ImportSum();
  sum.took({
    restored: 0,
    existed: 0,
    queues: 0,
    limits: 0,
    limitsKept: 0,
    definitions: 0,
    definitionsKept: 0,
    queuesKept: 0,
    queuesKeptNames: [],
    failed: 0,
    faults: [],
    ...answer,
  });
  return sum;
}

describe('the sum of an import', () => {
  it('is nothing at first', () => {
    expect([new ImportSum().hasAny(), new ImportSum().text()]).toEqual([false, 'restored 0, already there 0, queues 0']);
    expect(new ImportSum().json()).toEqual({ ...none, restored: 0, existed: 0, queues: 0, failed: 0, queuesKept: 0, queuesKeptNames: [] });
  });

  it('tells jobs that were there apart from queues that keep their settings, and names those', () => {
    const all = sumOf({ restored: 1, existed: 2, failed: 3 });
    all.add(sumOf({ existed: 1, queues: 4, queuesKept: 2, queuesKeptNames: ['mail', 'sms'] }));
    expect(all.text()).toBe('restored 1, already there 3, queues 4, queues that keep their own settings 2 (mail, sms), refused 3');
    expect(all.json()).toEqual({ ...none, restored: 1, existed: 3, queues: 4, failed: 3, queuesKept: 2, queuesKeptNames: ['mail', 'sms'] });
  });

  it('tells definitions where there are any', () => {
    expect(sumOf({ definitions: 2 }).text()).toBe('restored 0, already there 0, queues 0, definitions 2');
    expect(sumOf({ definitionsKept: 3 }).text()).toBe('restored 0, already there 0, queues 0, definitions already there 3');
    expect(sumOf({ definitionsKept: 1 }).hasAny()).toBe(true);
  });

  it('has something also when nothing but queues was looked at', () => {
    expect(sumOf({ queuesKept: 1, queuesKeptNames: ['mail'] }).hasAny()).toBe(true);
  });

  it('names ten queues to people and a hundred to programs', () => {
    const names = Array.from({ length: 80 }, (_, at) => `q${at}`);
    const all = sumOf({ queuesKept: 80, queuesKeptNames: names });
    all.add(sumOf({ queuesKept: 80, queuesKeptNames: names.map((name) => `${name}-2`) }));
    expect(all.text()).toMatch(/settings 160 \(q0, q1, .*, q9, …\)$/);
    expect(all.json()).toMatchObject({ queuesKept: 160, queuesKeptNames: expect.objectContaining({ length: 100 }) });
  });
});
