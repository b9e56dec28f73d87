/** The log and the progress of a job, over HTTP. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Job } from '../../../core/job.ts';
import type { Report } from '../../../ports/store/jobs.ts';
import { line } from '../../../stores/conformance/subject.ts';
import { makeClient } from '../../client/client.ts';
import { openServer, succeeded, type TestServer } from '../server.suite.ts';

let server: TestServer;
beforeEach(async () => {
  server = await openServer();
});
afterEach(() => server.close());

const tell = (job: Job, what: Partial<Report>) =>
  server.store.jobs.report(job, { ttl: null, progress: null, lines: [], push: [], ...what });

async function begin(): Promise<Job> {
  await server.push();
  return server.start();
}

describe('GET /v1/jobs/{id}/lines', () => {
  it('gives pages of the log, from any place on', async () => {
    const job = await begin();
    await tell(job, { lines: [line(1, 'a', { level: 'warn', fields: '{"n":12345678901234567890}' }), line(2, 'b"\n'), line(5, 'c')] });
    const path = `/v1/jobs/${job.id}/lines`;
    const { text, json: first } = await server.ask('GET', `${path}?limit=2`);
    expect(first).toMatchObject({
      lines: [
        { fence: job.fence, number: 1, level: 'warn', text: 'a', at: expect.stringMatching(/Z$/) },
        { number: 2, text: 'b"\n', fields: null },
      ],
      next: `${job.fence}.2`,
      ...{ more: true, dropped: 2, state: 'running', progress: null, progressAt: null },
    });
    expect(text).toContain('"fields":{"n":12345678901234567890}');
    const rest = await server.ask('GET', `${path}?after=${String(first['next'])}`);
    expect(rest.json).toMatchObject({ lines: [{ number: 5 }], next: `${job.fence}.5`, more: false });
    expect((await server.ask('GET', `${path}?after=${job.fence}.5`)).json).toMatchObject({ lines: [], next: `${job.fence}.5` });
    await server.settle(job, succeeded());
    expect((await server.ask('GET', path)).json).toMatchObject({ lines: { length: 3 }, state: 'succeeded' });
  });

  it('is empty of a job that has told nothing, and refuses what it does not take', async () => {
    const id = await server.push();
    const path = `/v1/jobs/${id}/lines`;
    expect((await server.ask('GET', path)).json).toEqual({
      ...{ lines: [], next: null, more: false, dropped: 0, state: 'queued', progress: null, progressAt: null },
    });
    for (const query of ['limit=0', 'limit=1001', 'after=7', 'after=x.1', 'after=1.2.3', 'before=1.1']) {
      const { status, json } = await server.ask('GET', `${path}?${query}`);
      expect([status, json], query).toEqual([400, expect.objectContaining({ code: 'invalid_request' })]);
    }
    expect(await server.ask('GET', '/v1/jobs/7/lines')).toMatchObject({ status: 404, json: { code: 'not_found' } });
    await server.store.upkeep.setAside(id, 'it was damaged');
    expect(await server.ask('GET', path)).toMatchObject({ status: 422, json: { code: 'unreadable' } });
  });

  it('is what the client follows', async () => {
    const job = await begin();
    const client = makeClient({ address: server.url });
    const before = await client.jobs.lines(job.id);
    expect([before.lines, before.next]).toEqual([[], null]);
    await tell(job, { lines: [line(1)] });
    const first = await client.jobs.lines(job.id, { after: before.next });
    await tell(job, { lines: [line(2)] });
    expect((await client.jobs.lines(job.id, { after: first.next, limit: 1 })).lines).toMatchObject([{ number: 2, text: 'line 2' }]);
  });
});

describe('the progress of a job', () => {
  it('is shown with it, with all its digits', async () => {
    const job = await begin();
    const shown = () => server.ask('GET', `/v1/jobs/${job.id}`);
    expect((await shown()).json).toMatchObject({ progress: null, progressAt: null });
    await tell(job, { progress: '{"done":12345678901234567890}' });
    expect((await shown()).text).toContain('"progress":{"done":12345678901234567890},"progressAt":"20');
    await server.settle(job, succeeded());
    expect((await shown()).json).toMatchObject({ progressAt: expect.any(String) });
    await server.ask('POST', `/v1/jobs/${job.id}/restart`);
    expect((await shown()).json).toMatchObject({ progress: null, progressAt: null });
  });

  it('that is no JSON does not change what the answer is', async () => {
    const job = await begin();
    await tell(job, { progress: '1,"state":"x"', lines: [line(1, 'a', { fields: '{}},{' })] });
    expect((await server.ask('GET', `/v1/jobs/${job.id}`)).json).toMatchObject({ state: 'running', progress: null });
    expect((await server.ask('GET', `/v1/jobs/${job.id}/lines`)).json).toMatchObject({
      lines: [{ text: 'a', fields: null }],
      progress: null,
    });
  });
});
