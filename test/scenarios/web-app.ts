/** A web app that runs jobs and remembers which: the outside world, which no kill of the server touches. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface WebApp {
  readonly address: string;
  /** How often each job was run, by its id. */
  readonly runs: ReadonlyMap<string, number>;
  close(): Promise<void>;
}

/** `/ok` answers 200; `/flaky` answers 500 the first time it sees a job, then 200. */
export async function startWebApp(): Promise<WebApp> {
  const runs = new Map<string, number>();
  const server = createServer((request: IncomingMessage, response: ServerResponse) => {
    const id = String(request.headers['x-hq-job-id']);
    const run = (runs.get(id) ?? 0) + 1;
    runs.set(id, run);
    request.resume().on('end', () => response.writeHead(request.url === '/flaky' && run === 1 ? 500 : 200).end('done'));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    address: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    runs,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
