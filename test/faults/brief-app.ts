/** A web app that goes away and comes back at its address, answers at once, and counts its requests. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeChanges } from '../support/changes.ts';

export interface BriefApp {
  readonly address: string;
  /** Jobs that it has answered. */
  readonly jobs: ReadonlySet<string>;
  /** When requests came, of `performance.now()`. */
  readonly times: readonly number[];
  /** Resolves once it is true; looks at each request. */
  seen(isTrue: () => boolean): Promise<void>;
  /** Nobody listens any more, and its connections break. */
  goAway(): Promise<void>;
  comeBack(): Promise<void>;
}

export async function startBriefApp(): Promise<BriefApp> {
  const jobs = new Set<string>();
  const times: number[] = [];
  const { changed, seen } = makeChanges();
  let server: Server | null = null;
  let port = 0;

  async function comeBack(): Promise<void> {
    server = createServer((request, response) => {
      times.push(performance.now());
      request.resume().on('end', () => {
        response.end('done');
        jobs.add(String(request.headers['x-hq-job-id']));
        changed();
      });
    });
    server.keepAliveTimeout = 60_000;
    await new Promise<void>((resolve) => server?.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  }

  await comeBack();
  return {
    address: `http://127.0.0.1:${port}`,
    jobs,
    times,
    seen,
    goAway: () =>
      new Promise((resolve) => {
        server?.close(() => resolve());
        server?.closeAllConnections();
      }),
    comeBack,
  };
}
