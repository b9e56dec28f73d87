/** A list and a push every 20 ms, each at its time, however long the ones before take. */
import { Agent, request } from 'node:http';
import type { Asking, Figures } from './bystander.ts';
import { residentBytes, waitedFor } from './process-figures.ts';

const { address, pids, token } = JSON.parse(process.argv[2] ?? '') as Asking;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
const [pid = 0] = pids;
/** Whoever asks would be elsewhere, too. */
const all = [...pids, process.pid];
/** In a queue that nobody else knows, and so nobody closes. */
const job = JSON.stringify({ url: 'http://127.0.0.1:9/', delay: '1h', queue: 'bystander' });

let times: number[] = [];
/** Of each of these times. */
let waits: number[] = [];
let failed: string[] = [];
let answered = 0;
let [held, heldAt] = [0, ''];
let most = 0;
const first = residentBytes(pid);
let goal = 0;

/** A limit that somebody sets for all is an answer, too. */
const isTaken = (status: number): boolean => [200, 201, 429].includes(status);

function ask(method: string, path: string, body = ''): void {
  const began = performance.now();
  const waited = waitedFor(all);
  const over = (what: string | null): void => {
    const [time, wait] = [performance.now() - began, waitedFor(all) - waited];
    times.push(time);
    waits.push(wait);
    if (time - wait > held) [held, heldAt] = [time - wait, `${method} ${path} at ${new Date().toISOString()}`];
    if (what !== null) failed.push(`${method} ${path}: ${what}`);
    answered += 1;
    if (answered === 1) process.send?.('begun');
    if (answered === goal) process.send?.('answered');
  };
  const sent = request(address + path, { agent, method, headers: { ...headers, 'content-length': body.length } }, (answer) => {
    answer.resume();
    answer.once('end', () => over(isTaken(answer.statusCode ?? 0) ? null : String(answer.statusCode)));
    answer.once('error', (error) => over(error.message));
  });
  sent.once('error', (error) => over(error.message));
  sent.end(body);
}

function makeShares(numbers: readonly number[]): (share: number) => number {
  const sorted = numbers.toSorted((a, b) => a - b);
  return (share) => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}

function figures(): Figures {
  const time = makeShares(times);
  const told = {
    ...{ p50: time(0.5), p99: time(0.99), worst: time(1), machine: makeShares(waits)(0.99) },
    ...{ held, heldAt },
    ...{ answered: times.length, failed: failed.slice(0, 20), memory: { most, first } },
  };
  times = [];
  waits = [];
  failed = [];
  [held, heldAt] = [0, ''];
  most = 0;
  return told;
}

setInterval(() => {
  ask('GET', '/v1/jobs?limit=1');
  ask('POST', '/v1/jobs', job);
  most = Math.max(most, residentBytes(pid));
}, 20);

process.on('message', (message: { readonly more?: number }) => {
  if (message.more === undefined) process.send?.(figures());
  else goal = answered + message.more;
});
process.once('disconnect', () => process.exit());
