/** A task as it is pushed to distributed-task. */
import { isName, nameExpected } from '../core/new-job.ts';

export interface PushedTask {
  readonly id: string;
  /** Its `function`. */
  readonly worker: string;
  readonly data: unknown;
  readonly cleanEnd: boolean;
  readonly stateOptional: boolean;
}

/** Answers why it is none, in words. */
export function readPushed(text: string): PushedTask | string {
  const task = parsed(text);
  if (typeof task === 'string') return task;
  const { id, function: worker, data } = task;
  if (typeof id !== 'string' || !isName(id)) return `its id must be ${nameExpected}`;
  if (typeof worker !== 'string' || !isName(worker)) return `its function must be ${nameExpected}`;
  return { id, worker, data, cleanEnd: isSaid('clean_end', task), stateOptional: isSaid('state_optional', task) };
}

function parsed(text: string): Readonly<Record<string, unknown>> | string {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : 'it must be an object with id, function and data';
  } catch {
    return 'it is no JSON';
  }
}

const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

/** Beside the data, or in them. */
function isSaid(option: 'clean_end' | 'state_optional', task: Readonly<Record<string, unknown>>): boolean {
  const { data } = task;
  return task[option] === true || (isRecord(data) && data[option] === true);
}
