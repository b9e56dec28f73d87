import { describe, expect, it } from 'vitest';
import { checkPart, type DefinitionKey, definitionLimits } from './definition.ts';
import { eventLimits, newEvent } from './event.ts';
import { allCaused, causeOf, textOfEvent } from './event-cause.ts';
import type { NewJob } from './job.ts';
import { jobLimits, newJob } from './new-job.ts';
import { newTrigger } from './new-trigger.ts';
import type { Trigger } from './trigger.ts';

const key: DefinitionKey = { kind: 'trigger', domain: 'd', key: 'a' };
const options = { timeout: null, retry: { attempts: 1, backoff: 0, maxBackoff: 0 }, onLost: 'retry', rules: 'v1' } as const;
const made = newTrigger(
  { type: '@event', arguments: 'io.files', job: newJob({ worker: 'w', payload: '{ "m": 1.0 }', options }) },
  { ref: { domain: 'd', id: 'a' }, now: 1_000, token: 't' },
);
const trigger = (otherwise: Partial<Trigger> = {}): Trigger => ({ ...made, ...otherwise });
const event = (doc: string | null = '{ "n": 12345678901234567890 }', old: string | null = 'null') =>
  textOfEvent(newEvent({ type: 'io.files', verb: 'UPDATED', id: 'x', domain: 'd', doc, old }));
const bare = { domain: 'd', type: 'io.files', verb: 'UPDATED', id: 'x', doc: null, old: null };

function jobOf(given: Trigger, told = event(), depth?: number): NewJob {
  const cause = causeOf(key, given, told, 5_000, depth);
  if (cause === null || !('job' in cause)) throw new Error('a job was expected');
  return cause.job;
}

describe('what an event causes', () => {
  it('is a job of the trigger with its message, which tells the event as it came', () => {
    const job = jobOf(trigger());
    expect(job).toMatchObject({ worker: 'w', domain: 'd', owner: 'trigger/d/a', payload: '{ "m": 1.0 }', manual: false, start: null });
    expect(job.about).toBe(
      '{"event":{"domain":"d","type":"io.files","verb":"UPDATED","id":"x","doc":{ "n": 12345678901234567890 },"old":null}}',
    );
    expect(JSON.parse(jobOf(trigger(), event(), 3).about ?? '')).toMatchObject({ depth: 3 });
  });

  it('is the event for a web app, which sees its payload alone, unless the trigger has a message', () => {
    const url = 'http://127.0.0.1:9/';
    const { payload, about } = jobOf(trigger({ job: { ...made.job, worker: 'http', url, payload: null } }));
    expect(JSON.parse(payload ?? '')).toMatchObject({ type: 'io.files', verb: 'UPDATED', id: 'x' });
    expect(about).toBe(`{"event":${payload}}`);
    expect(jobOf(trigger({ job: { ...made.job, worker: 'http', url } })).payload).toBe('{ "m": 1.0 }');
    expect(jobOf(trigger({ job: { ...made.job, payload: null } })).payload).toBeNull();
  });

  it('has the event as its payload where that is long, and the message beside it', () => {
    const doc = JSON.stringify('x'.repeat(jobLimits.about));
    const { payload, about } = jobOf(trigger(), event(doc));
    expect(JSON.parse(payload ?? '')).toMatchObject({ id: 'x', doc: JSON.parse(doc) });
    expect(JSON.parse(about ?? '')).toEqual({
      event: { domain: 'd', type: 'io.files', verb: 'UPDATED', id: 'x', doc: null, old: null },
      message: { m: 1 },
    });
    const crowded = trigger({ job: { ...made.job, payload: doc } });
    const both = jobOf(crowded, event(doc));
    expect(both.payload).toBe(doc);
    expect(JSON.parse(both.about ?? '')).toMatchObject({ event: { doc: null } });
  });

  it('is a part for the window of one that is debounced', () => {
    const cause = causeOf(key, trigger({ debounce: { wait: 10, maxWait: 20 } }), event(), 5_000);
    expect(cause).toMatchObject({ part: { ...key, wait: 10, maxWait: 20 } });
  });

  it('has no payload of more bytes than a job may have: documents are left out', () => {
    // A mebibyte of characters each, and three bytes to a character.
    const doc = JSON.stringify('漢'.repeat(eventLimits.doc - 2));
    const { payload, about } = jobOf(trigger(), event(doc, doc));
    expect(JSON.parse(payload ?? '')).toEqual(bare);
    expect(JSON.parse(about ?? '')).toEqual({ event: bare, message: { m: 1 } });
    const one = jobOf(trigger(), event(doc));
    expect(JSON.parse(one.payload ?? '')).toMatchObject({ doc: JSON.parse(doc) });
    expect(Buffer.byteLength(one.payload ?? '')).toBeLessThanOrEqual(jobLimits.payloadBytes);
  });

  it('is a part without documents where no window can hold them', () => {
    const debounced = trigger({ debounce: { wait: 10, maxWait: null } });
    const textOf = (told: ReturnType<typeof event>): string => {
      const cause = causeOf(key, debounced, told, 5_000);
      if (cause === null || !('part' in cause)) throw new Error('a part was expected');
      expect(checkPart(cause.part)).toBeUndefined();
      return cause.part.text;
    };
    const half = JSON.stringify('x'.repeat(definitionLimits.windowCharacters / 2));
    expect(JSON.parse(textOf(event(half)))).toMatchObject({ doc: JSON.parse(half) });
    expect(JSON.parse(textOf(event(half, half)))).toEqual(bare);
  });

  it('is refused when it is more than one event may cause, and no more of it is made', () => {
    let made = 0;
    const jobs = function* (count: number, told = event()) {
      for (let at = 0; at < count; at++) {
        made += 1;
        yield { job: jobOf(trigger(), told) };
      }
    };
    expect(allCaused(jobs(eventLimits.causes), eventLimits.causes).causes).toHaveLength(eventLimits.causes);
    made = 0;
    const tooMuch = (named: string): Error =>
      expect.objectContaining({ code: 'too_large', message: expect.stringContaining(named) as string }) as Error;
    expect(() => allCaused(jobs(100_000), 100_000)).toThrow(tooMuch('100000 triggers'));
    expect(made).toBe(eventLimits.causes + 1);
    made = 0;
    const large = JSON.stringify('x'.repeat(1_000_000));
    expect(() => allCaused(jobs(1_000, event(large, large)), 1_000)).toThrow(tooMuch('1000 triggers'));
    expect(made).toBe(5);
  });

  it.each<[string, Partial<Trigger>]>([
    ['paused', { pausedUntil: 'resumed' }],
    ['paused for a while', { pausedUntil: 5_001 }],
    ['over', { endsAt: 4_999 }],
    ['bad', { bad: 'because' }],
  ])('is nothing while the trigger is %s', (_, otherwise) => {
    expect(causeOf(key, trigger(otherwise), event(), 5_000)).toBeNull();
  });
});
