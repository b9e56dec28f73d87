/** What clients were told, and whether the server kept to it. */
import { expect } from 'vitest';

interface AttemptView {
  readonly startedAt: string;
  readonly run: number;
  readonly fence: string;
  readonly end: string;
}

export interface JobView {
  readonly id: string;
  readonly state: string;
  readonly dueAt?: string;
  readonly createdAt: string;
  readonly run: number;
  readonly attempt: number;
  /** How often it was lost with its holder. */
  readonly lost: number;
  readonly history: readonly AttemptView[];
}

const endStates = ['succeeded', 'failed', 'canceled'];

/** `null` when the server could not be reached or was killed while answering: nobody knows what became of it. */
export async function ask(
  address: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<{ status: number; body: JobView } | null> {
  try {
    const response = await fetch(address + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { status: response.status, body: (await response.json()) as JobView };
  } catch {
    return null;
  }
}

/** Waits for the job's end and checks that it has one accepted result, under the largest of its fences. */
export async function checkEnded(address: string, id: string, state = 'succeeded'): Promise<JobView> {
  await ask(address, 'GET', `/v1/jobs/${id}/wait?timeout=20s`);
  const answer = await ask(address, 'GET', `/v1/jobs/${id}`);
  expect(answer, `job ${id} was acknowledged and is gone`).toMatchObject({ status: 200 });
  const job = answer?.body ?? expect.fail('no answer');
  expect(job, `job ${id} did not end`).toMatchObject({ state });
  const accepted = job.history.filter((attempt) => attempt.run === job.run && endStates.includes(attempt.end) && attempt.end === job.state);
  expect(accepted, `job ${id} must have one accepted result, its history is ${JSON.stringify(job.history)}`).toHaveLength(1);
  const fences = job.history.map((attempt) => BigInt(attempt.fence));
  expect([...fences].sort((a, b) => (a > b ? -1 : 1))).toEqual(fences);
  return job;
}
