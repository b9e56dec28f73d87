// What the demo asks the server, over /v1 like any client.
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.mjs';

/** What examples/jobs.ndjson has in the place of the web app's address. */
const placeholder = '"http://workerapp/';
const batch = 250;
const waiting = ['scheduled', 'queued', 'running', 'stopping'];
/** Without any progress for this long, something is wrong. */
const patience = 30_000;

export function connect(address, signal) {
  async function ask(path, init = {}) {
    let response;
    try {
      response = await fetch(`${address}${path}`, { ...init, signal });
    } catch (error) {
      throw new Failure(`The server does not answer: ${error.cause?.message ?? error.message}`);
    }
    const text = await response.text();
    if (!response.ok) throw new Failure(`${path} was answered with ${response.status}: ${text}`);
    return JSON.parse(text);
  }

  const stats = () => ask('/v1/stats');

  return {
    stats,

    /** Pushes the lines in batches, as text: a payload is not to be read on its way. Answers how long it took. */
    async push(lines, worker) {
      const since = performance.now();
      for (let at = 0; at < lines.length; at += batch) {
        const body = lines
          .slice(at, at + batch)
          .map((line) => line.replace(placeholder, `"${worker}/`))
          .join('\n');
        const answer = await ask('/v1/jobs', { method: 'POST', headers: { 'content-type': 'application/x-ndjson' }, body });
        if (answer.failed > 0)
          throw new Failure(`The server refused ${answer.failed} jobs: ${JSON.stringify(answer.jobs.find((job) => job.error))}`);
      }
      return { millis: performance.now() - since };
    },

    async waitForAll(onProgress) {
      let ended = -1;
      let since = performance.now();
      for (;;) {
        const { jobs, total } = await stats();
        const left = waiting.reduce((sum, state) => sum + jobs[state], 0);
        if (total - left !== ended) since = performance.now();
        ended = total - left;
        onProgress(ended);
        if (left === 0) return;
        if (performance.now() - since > patience) throw new Failure(`${left} jobs do not end: ${JSON.stringify(jobs)}`);
        await pause(50, undefined, { signal });
      }
    },

    async list() {
      const jobs = [];
      let cursor = '';
      do {
        const page = await ask(`/v1/jobs?limit=500${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
        jobs.push(...page.jobs);
        cursor = page.next;
      } while (cursor !== null);
      return jobs;
    },
  };
}
