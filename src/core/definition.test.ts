import { describe, expect, it } from 'vitest';
import {
  atOnce,
  checkDecision,
  checkDefinition,
  checkDefinitionKey,
  checkPart,
  type Decision,
  type DefinitionKey,
  definitionLimits,
  dueAt,
  ownerOf,
  type Part,
} from './definition.ts';
import { HatstandError } from './errors.ts';
import type { NewJob } from './job.ts';
import { newJob } from './new-job.ts';
import { noRetry } from './retry.ts';

const key: DefinitionKey = { kind: 'trigger', domain: '', key: 'nightly' };
const job: NewJob = newJob({ worker: 'w', options: { timeout: null, retry: noRetry, onLost: 'retry', rules: 'v1' } });
const decision: Decision = { next: null, state: '', jobs: [], overlap: 'allow', collect: null, note: '' };
const part: Part = { ...key, text: '1', wait: 5, maxWait: null, most: { parts: 1, characters: 1 } };

const codeOf = (check: () => void): string | null => {
  try {
    check();
    return null;
  } catch (error) {
    return error instanceof HatstandError ? error.code : String(error);
  }
};

describe('a definition', () => {
  it('has an owner text that no other key gives', () => {
    expect(ownerOf({ kind: 'trigger', domain: 'a', key: 'b/c' })).toBe('trigger/a/b/c');
    expect(ownerOf({ kind: 'trigger', domain: '', key: 'a/b/c' })).toBe('trigger//a/b/c');
  });

  it('is due when it says or when its window closes, whichever comes first', () => {
    expect(dueAt({ due: null, window: null })).toBeNull();
    expect(dueAt({ due: 5, window: null })).toBe(5);
    expect(dueAt({ due: null, window: { closesAt: 7 } })).toBe(7);
    expect(dueAt({ due: 5, window: { closesAt: 3 } })).toBe(3);
    expect(dueAt({ due: 5, window: { closesAt: null } })).toBe(5);
  });

  it('is refused without a sensible key', () => {
    for (const right of [key.key, 'a/b c:%;ü', '\u{1f642}']) expect(codeOf(() => checkDefinitionKey({ ...key, key: right }))).toBeNull();
    for (const wrong of ['', 'x'.repeat(definitionLimits.key + 1), 'a\nb', 'a\u0000', 'a\ud800', '\udc00']) {
      expect(codeOf(() => checkDefinitionKey({ ...key, key: wrong }))).toBe('invalid_request');
    }
    expect(codeOf(() => checkDefinitionKey({ ...key, domain: 'a/b' }))).toBe('invalid_request');
    expect(codeOf(() => checkDefinitionKey({ ...key, kind: 'thing' as 'trigger' }))).toBe('invalid_request');
  });

  it('is held to its lengths', () => {
    const asked = { ...key, group: 'g', body: '{}', state: null };
    expect(codeOf(() => checkDefinition(asked))).toBeNull();
    expect(codeOf(() => checkDefinition({ ...asked, body: null, group: '' }))).toBeNull();
    expect(codeOf(() => checkDefinition({ ...asked, group: 'a b' }))).toBe('invalid_request');
    expect(codeOf(() => checkDefinition({ ...asked, body: 'x'.repeat(definitionLimits.body + 1) }))).toBe('too_large');
    expect(codeOf(() => checkDefinition({ ...asked, state: 'x'.repeat(definitionLimits.state + 1) }))).toBe('too_large');
  });
});

describe('what is due at once', () => {
  it('is due now, and never again at a tick that was fired', () => {
    expect(atOnce({ firedAt: null }, 5)).toBe(5);
    expect(atOnce({ firedAt: 4 }, 5)).toBe(5);
    expect(atOnce({ firedAt: 5 }, 5)).toBe(6);
    expect(atOnce({ firedAt: 9 }, 5)).toBe(10);
  });
});

describe('a decision', () => {
  it('goes on later than the tick that is fired', () => {
    expect(codeOf(() => checkDecision({ ...decision, next: 6 }, 5))).toBeNull();
    expect(codeOf(() => checkDecision({ ...decision, next: 'removed' }, 5))).toBeNull();
    for (const next of [5, 4, 5.5, Number.NaN, Number.POSITIVE_INFINITY, '6', undefined]) {
      expect(codeOf(() => checkDecision({ ...decision, next: next as number }, 5))).toBe('invalid_request');
    }
  });

  it('collects a window into a job, and pushes a bounded number', () => {
    const collect = { payload: ['[', ']'], about: ['[', ',', ']'] } as const;
    expect(codeOf(() => checkDecision({ ...decision, collect }, 5))).toBe('invalid_request');
    expect(codeOf(() => checkDecision({ ...decision, collect, jobs: [job] }, 5))).toBeNull();
    const jobs = Array.from({ length: definitionLimits.jobs + 1 }, () => job);
    expect(codeOf(() => checkDecision({ ...decision, jobs }, 5))).toBe('invalid_request');
  });

  it('pushes jobs of a bounded size, taken together', () => {
    const large = { ...job, payload: 'x'.repeat(3 * 1024 * 1024) };
    expect(codeOf(() => checkDecision({ ...decision, jobs: [large, large] }, 5))).toBeNull();
    expect(codeOf(() => checkDecision({ ...decision, jobs: [large, large, large] }, 5))).toBe('too_large');
  });

  it('is held to its lengths', () => {
    expect(codeOf(() => checkDecision({ ...decision, note: 'x'.repeat(definitionLimits.note + 1) }, 5))).toBe('too_large');
    expect(codeOf(() => checkDecision({ ...decision, state: 'x'.repeat(definitionLimits.state + 1) }, 5))).toBe('too_large');
  });
});

describe('a part of a window', () => {
  it('is refused when the window could not take it', () => {
    expect(codeOf(() => checkPart(part))).toBeNull();
    expect(codeOf(() => checkPart({ ...part, maxWait: 5 }))).toBeNull();
    expect(codeOf(() => checkPart({ ...part, wait: -1 }))).toBe('invalid_request');
    expect(codeOf(() => checkPart({ ...part, wait: Number.NaN }))).toBe('invalid_request');
    expect(codeOf(() => checkPart({ ...part, wait: Number.POSITIVE_INFINITY }))).toBe('invalid_request');
    expect(codeOf(() => checkPart({ ...part, maxWait: Number.POSITIVE_INFINITY }))).toBe('invalid_request');
    expect(codeOf(() => checkPart({ ...part, maxWait: 4 }))).toBe('invalid_request');
    expect(codeOf(() => checkPart({ ...part, text: 'x'.repeat(definitionLimits.windowCharacters + 1) }))).toBe('too_large');
    expect(codeOf(() => checkPart({ ...part, most: { parts: definitionLimits.windowParts + 1, characters: 1 } }))).toBe('invalid_request');
  });
});
