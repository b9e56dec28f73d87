/** What the tests of the library share about what it refuses. */
import { expect } from 'vitest';
import type { ErrorCode } from '../core/errors.ts';
import { HatstandError } from '../core/errors.ts';

/** Gives plain JavaScript's callers a voice: what the compiler would refuse. */
export const untyped = (value: unknown): never => value as never;

export async function refusal(call: () => unknown): Promise<{ code: ErrorCode; message: string; field: unknown; details: object }> {
  try {
    await call();
  } catch (error) {
    if (error instanceof HatstandError) {
      const { code, message, details } = error;
      return { code, message, details, field: details['field'] };
    }
    throw error;
  }
  return expect.fail('it was taken');
}
