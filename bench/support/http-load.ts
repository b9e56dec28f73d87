/** Requests from fifty kept connections, as fast as they are answered. */
import { Pool } from 'undici';
import { type Abilities, contestant, timed } from './contestant.ts';
import { payload } from './payload.ts';

const connections = 50;

/** `setting`: the address that gets the requests, and the web app's. */
async function open(setting: string): Promise<Abilities> {
  const { target, worker } = JSON.parse(setting) as { readonly target: string; readonly worker: string };
  const pool = new Pool(target, { connections });
  const headers = { 'content-type': 'application/json' };

  async function post(path: string, body: string): Promise<void> {
    const response = await pool.request({ method: 'POST', path, headers, body });
    const text = await response.body.text();
    if (response.statusCode >= 300) throw new Error(`${path} was answered with ${response.statusCode}: ${text}`);
  }

  /** Requests in all, shared by the connections. */
  async function postAll(requests: number, path: string, bodyOf: (n: number) => string): Promise<void> {
    let sent = 0;
    const one = async (): Promise<void> => {
      while (sent < requests) {
        sent += 1;
        await post(path, bodyOf(sent));
      }
    };
    await Promise.all(Array.from({ length: connections }, one));
  }

  const job = (n: number): string => JSON.stringify({ name: `job-${n}`, url: `${worker}/`, payload: payload(n) });
  return {
    /** HQ's API. */
    pushJob: (jobs = 0) => timed(() => postAll(jobs, '/job', job)),
    pushV1: (jobs = 0) => timed(() => postAll(jobs, '/v1/jobs', job)),
    /** What an HTTP executor that does nothing else would do. */
    postPayload: (jobs = 0) => timed(() => postAll(jobs, '/', (n) => JSON.stringify(payload(n)))),
  };
}

await contestant(open);
