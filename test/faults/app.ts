/** The web app of the scenarios: it sees every attempt that really ran, under which fence and for how long. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeChanges } from '../support/changes.ts';

/** One request of an attempt. Times are of `performance.now()`. */
export interface Run {
  readonly job: string;
  readonly fence: bigint;
  readonly begunAt: number;
  /** `null` while it runs. */
  readonly endedAt: number | null;
  /** The node broke it off or died, before it was answered. */
  readonly isBroken: boolean;
}

export interface App {
  readonly address: string;
  /** In the order of their beginning. */
  readonly runs: readonly Run[];
  runsOf(job: string): readonly Run[];
  /** Resolves once it is true; looks at each beginning and end of a run. */
  seen(isTrue: () => boolean): Promise<void>;
  /** Answers runs of `/hold` with their fence. */
  release(which?: (run: Run) => boolean): void;
  close(): Promise<void>;
}

interface OpenRun extends Run {
  endedAt: number | null;
  isBroken: boolean;
  readonly response: ServerResponse;
}

/** `/hold` answers when it is released, `/slow` after 0.2 to 2 s, any other path after 5 to 50 ms. */
export async function startApp(): Promise<App> {
  const runs: OpenRun[] = [];
  const byJob = new Map<string, OpenRun[]>();
  const { changed, seen } = makeChanges();

  function begin(request: IncomingMessage, response: ServerResponse): OpenRun {
    const job = String(request.headers['x-hq-job-id']);
    const fence = BigInt(String(request.headers['x-hatstand-fence']));
    const run: OpenRun = { job, fence, begunAt: performance.now(), endedAt: null, isBroken: false, response };
    runs.push(run);
    byJob.set(job, [...(byJob.get(job) ?? []), run]);
    response.once('close', () => {
      run.endedAt ??= performance.now();
      run.isBroken = !response.writableFinished;
      changed();
    });
    changed();
    return run;
  }

  const server = createServer((request, response) => {
    request.resume();
    const run = begin(request, response);
    if (request.url === '/slow') setTimeout(() => answer(run), 200 + Math.random() * 1_800);
    else if (request.url !== '/hold') setTimeout(() => answer(run), 5 + Math.random() * 45);
  });
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    runsOf: (job) => byJob.get(job) ?? [],
    seen,
    release(which = () => true) {
      for (const run of runs) if (run.endedAt === null && which(run)) answer(run);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

function answer(run: OpenRun): void {
  if (!run.response.writableEnded) run.response.end(String(run.fence));
}
