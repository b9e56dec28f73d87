/** How a history in which a store differs is told: a line for each call, and of a job only what makes it special. */
import { inspect } from 'node:util';
import type { RunDetails } from 'fast-check';
import { messageOf } from '../../core/errors.ts';
import type { Command, History } from './model.commands.ts';
import { plainJob } from './model.new-jobs.ts';

/** Throws if a history failed, and if time ran out before all were run. */
export function report(details: RunDetails<[History]>): void {
  const { failed, counterexample, errorInstance, numRuns, runConfiguration, seed, counterexamplePath } = details;
  if (!failed) return;
  if (counterexample === null) {
    const { numRuns: wanted, interruptAfterTimeLimit: within } = runConfiguration;
    throw new Error(`Only ${numRuns} of ${wanted} histories were compared within ${within} ms; no store differed in them.`);
  }
  const [history] = counterexample;
  const where = `run ${numRuns}, seed ${seed}, path ${counterexamplePath}`;
  throw new Error(`The store differs: ${messageOf(errorInstance)}\n(${where})\n${history.map(tell).join('\n')}\n`, {
    cause: errorInstance,
  });
}

function tell(command: Command, index: number): string {
  if (command.kind !== 'turn') return `${index} ${tellCall(command)}`;
  return [`${index} turn`, ...command.calls.map((call) => `    ${tellCall(call)}`)].join('\n');
}

/** Its words in one line. Long texts are cut. */
function tellCall({ kind, ...words }: Command): string {
  const options = { depth: null, compact: true, breakLength: Number.POSITIVE_INFINITY, maxStringLength: 40 };
  return `${kind} ${inspect(withoutPlain(words), options)}`;
}

function withoutPlain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutPlain);
  if (!isObject(value)) return value;
  if ('idempotency' in value) return difference(value, { ...plainJob, worker: null, queue: null });
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withoutPlain(each)]));
}

/** What the value has that the other has not, at any depth. */
function difference(value: object, other: object): object {
  const others = new Map<string, unknown>(Object.entries(other));
  const differing = Object.entries(value).filter(([key, each]) => JSON.stringify(each) !== JSON.stringify(others.get(key)));
  return Object.fromEntries(
    differing.map(([key, each]) => {
      const beside = others.get(key);
      return [key, isObject(each) && isObject(beside) ? difference(each, beside) : each];
    }),
  );
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null;
