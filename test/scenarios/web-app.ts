/** A web app that runs jobs and remembers which: the outside world, which no kill of the server touches. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { makeChanges } from '../support/changes.ts';

export interface WebApp {
  readonly address: string;
  /** How often each job was run, by its id. */
  readonly runs: ReadonlyMap<string, number>;
  /** Resolves once `/hold` holds `count` requests. */
  holds(count: number): Promise<void>;
  /** Answers the requests that `/hold` holds, or the one of a job. */
  release(answer?: { readonly id?: string; readonly text?: string }): void;
  close(): Promise<void>;
}

/** `/ok` answers 200; `/flaky` answers 500 the first time it sees a job, then 200; `/hold` answers when told to. */
export async function startWebApp(): Promise<WebApp> {
  const runs = new Map<string, number>();
  const held = new Map<string, ServerResponse>();
  const { changed, seen } = makeChanges();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const id = String(request.headers['x-hq-job-id']);
    const run = (runs.get(id) ?? 0) + 1;
    runs.set(id, run);
    request.resume().on('end', () => {
      if (request.url === '/hold') return hold(id, response);
      response.writeHead(request.url === '/flaky' && run === 1 ? 500 : 200).end('done');
    });
  });
  const hold = (id: string, response: ServerResponse): void => {
    held.set(
      id,
      response.once('close', () => held.delete(id)),
    );
    changed();
  };
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    holds: (count) => seen(() => held.size >= count),
    release({ id, text = 'done' } = {}) {
      for (const [job, response] of held) if (id === undefined || id === job) response.end(text);
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
