/** A list and a push every 20 ms, each at its time, however long the ones before take. */
import { readFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import type { Asking, Figures } from './bystander.ts';

const { address, pid, token } = JSON.parse(process.argv[2] ?? '') as Asking;
const agent = new Agent({ keepAlive: true, maxSockets: 8 });
const headers = { 'content-type': 'application/json', ...(token === undefined ? {} : { authorization: `Bearer ${token}` }) };
const job = JSON.stringify({ url: 'http://127.0.0.1:9/', delay: '1h' });

let times: number[] = [];
let failed: string[] = [];
let answered = 0;
let most = 0;
const first = residentBytes();
let goal = 0;

function residentBytes(): number {
  const kilobytes = /VmRSS:\s+(\d+) kB/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  return Number(kilobytes) * 1_024;
}

function ask(method: string, path: string, body = ''): void {
  const began = performance.now();
  const over = (what: string | null): void => {
    times.push(performance.now() - began);
    if (what !== null) failed.push(`${method} ${path}: ${what}`);
    answered += 1;
    if (answered === 1) process.send?.('begun');
    if (answered === goal) process.send?.('answered');
  };
  const sent = request(address + path, { agent, method, headers: { ...headers, 'content-length': body.length } }, (answer) => {
    answer.resume();
    answer.once('end', () => over(answer.statusCode === 200 || answer.statusCode === 201 ? null : String(answer.statusCode)));
    answer.once('error', (error) => over(error.message));
  });
  sent.once('error', (error) => over(error.message));
  sent.end(body);
}

function figures(): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  const told = { p50: at(0.5), p99: at(0.99), worst: at(1), answered: times.length, failed: failed.slice(0, 20), memory: { most, first } };
  times = [];
  failed = [];
  most = 0;
  return told;
}

setInterval(() => {
  ask('GET', '/v1/jobs?limit=1');
  ask('POST', '/v1/jobs', job);
  most = Math.max(most, residentBytes());
}, 20);

process.on('message', (message: { readonly more?: number }) => {
  if (message.more === undefined) process.send?.(figures());
  else goal = answered + message.more;
});
process.once('disconnect', () => process.exit());
