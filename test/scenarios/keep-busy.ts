/** Work that passes every failpoint several times. */
import { ask } from './history.ts';
import type { WebApp } from './web-app.ts';

/** As many jobs as there are idempotency keys. */
export const busyJobs = 12;

/** Pushes jobs, some of them flaky, then restarts those that ended, until the server dies or nothing is left to do. For a point of publishing, events push them. */
export async function keepBusy(address: string, app: WebApp, acknowledged: string[], name: string): Promise<void> {
  if (name.startsWith('publish')) return publishBusily(address, app, acknowledged, name);
  const push = async (n: number): Promise<void> => {
    const url = `${app.address}/${n % 2 === 0 ? 'ok' : 'flaky'}`;
    const body = { url, payload: { n }, retry: { attempts: 5, backoff: '20ms', maxBackoff: '50ms' }, idempotencyKey: `${name}-${n}` };
    const answer = await ask(address, 'POST', '/v1/jobs', body);
    if (answer?.status === 201) acknowledged.push(answer.body.id);
  };
  // One by one, so that each step is a transaction of its own and is passed often.
  for (let n = 0; n < busyJobs; n++) await push(n);
  for (const id of [...acknowledged]) {
    await ask(address, 'GET', `/v1/jobs/${id}/wait?timeout=10s`);
    await ask(address, 'POST', `/v1/jobs/${id}/restart`);
  }
}

/** Updates of one document, each under a key of its own, and each pushes a job. */
async function publishBusily(address: string, app: WebApp, acknowledged: string[], name: string): Promise<void> {
  await ask(address, 'POST', '/v1/triggers', { type: '@event', arguments: 'busy:UPDATED', url: `${app.address}/ok`, id: name });
  for (let n = 0; n < busyJobs; n++) {
    const answer = await ask(address, 'POST', '/v1/events', { type: 'busy', verb: 'UPDATED', id: 'document', key: `${name}-${n}` });
    if (answer?.status !== 200) continue;
    const { events } = answer.body as unknown as { readonly events: readonly { readonly jobs: readonly string[] }[] };
    acknowledged.push(...events.flatMap(({ jobs }) => jobs));
  }
}
