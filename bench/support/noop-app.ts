/** A web app that does nothing: what is measured beside it is the queue. */
import { createServer } from 'node:http';
import { contestant } from './contestant.ts';

const server = createServer((request, response) => {
  request.resume().once('end', () => response.writeHead(200, { 'content-length': 2 }).end('OK'));
});
server.keepAliveTimeout = 60_000;
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = server.address();
const port = typeof address === 'object' && address !== null ? address.port : 0;

await contestant(() => Promise.resolve({ address: () => Promise.resolve(`http://127.0.0.1:${port}`) }));
