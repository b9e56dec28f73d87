/** How an attempt ended, as it is told to a server. */
import { formatDuration, longestDuration } from '../core/duration.ts';
import type { JobResult } from '../core/job.ts';
import type { Outcome } from '../core/outcome.ts';
import type { SettleFields } from '../faces/client/attempts.ts';

export function settleFieldsOf(outcome: Outcome): SettleFields {
  switch (outcome.kind) {
    case 'succeeded':
      return { outcome: 'succeeded', ...outputOf(outcome.result), ...(outcome.reason === undefined ? {} : { reason: outcome.reason }) };
    case 'skipped':
      return { outcome: 'skipped', error: outcome.result.error };
    case 'failed': {
      const { result, final, retryAfter, left, badTrigger } = outcome;
      return {
        ...{ outcome: 'failed', error: result.error, cause: causeOf(result), stack: result.stack },
        ...(final === true ? { retry: false } : {}),
        ...(badTrigger === undefined ? {} : { badTrigger: true }),
        ...(retryAfter === undefined ? {} : { retryAfter: formatDuration(Math.min(retryAfter, longestDuration)) }),
        ...(left === undefined ? {} : { left: formatDuration(Math.min(left, longestDuration)) }),
      };
    }
    default:
      return { outcome: 'released' };
  }
}

/** Of a result that was cut, the beginning is no JSON. */
function outputOf({ output, outputCut }: JobResult): Pick<SettleFields, 'output' | 'outputText' | 'outputCut'> {
  if (output === '') return {};
  return outputCut ? { outputText: output, outputCut } : { output: JSON.parse(output) as unknown };
}

const causeOf = ({ cause }: JobResult): NonNullable<SettleFields['cause']> =>
  cause === 'timeout' || cause === 'message' || cause === 'canceled' ? cause : 'thrown';
