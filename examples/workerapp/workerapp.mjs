#!/usr/bin/env node
// A small web app that jobs can be POSTed to. It needs Node 20 or newer and nothing else; workerapp.py is its twin.
import { createServer } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { parseArgs } from 'node:util';

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '8000' },
    quiet: { type: 'boolean', default: false },
  },
});

const longestBody = 8 * 1024 * 1024;
const longestPause = 600_000;

/** Jobs that /flaky has failed once; the oldest are forgotten when there are too many. */
const failedOnce = new Set();
const mostRemembered = 10_000;

/** What each path answers: a status and a text or something to write as JSON. */
const routes = {
  '/': () => [200, 'OK'],
  '/mail': ({ payload }) => [200, { sent: true, to: payload.to ?? null }],
  '/report': ({ payload }) => [200, { report: payload.report ?? 'daily', rows: 42 }],
  '/thumbnail': ({ payload }) => [200, { image: payload.image ?? null, width: 160, height: 120 }],
  '/flaky': ({ id }) => {
    if (failedOnce.delete(id)) return [200, 'OK, this time'];
    failedOnce.add(id);
    if (failedOnce.size > mostRemembered) failedOnce.delete(failedOnce.values().next().value);
    return [503, 'not the first time'];
  },
  '/fail': () => [500, 'failed, as asked'],
  '/slow': async ({ query }) => {
    const ms = Number(query.get('ms') ?? 1_000);
    if (!(ms >= 0 && ms <= longestPause)) return [400, `ms must be a number from 0 to ${longestPause}`];
    await pause(ms);
    return [200, `OK after ${ms} ms`];
  },
};

const server = createServer((request, response) => {
  handle(request, response).catch(() => response.destroy());
});

async function handle(request, response) {
  if (request.method !== 'POST') return send(response, 405, 'POST jobs to this address', { Allow: 'POST' });
  const body = await bodyOf(request);
  if (body === null) return send(response, 413, 'the body is too long', { Connection: 'close' });
  if (!options.quiet) show(request, body);
  const url = new URL(request.url, 'http://localhost');
  const route = Object.hasOwn(routes, url.pathname) ? routes[url.pathname] : null;
  if (route === null) return send(response, 404, 'there is nothing here');
  const id = request.headers['x-hq-job-id'] ?? '';
  const [status, answer] = await route({ id, payload: payloadOf(body), query: url.searchParams });
  send(response, status, answer);
}

async function bodyOf(request) {
  const chunks = [];
  let length = 0;
  for await (const chunk of request) {
    length += chunk.length;
    if (length > longestBody) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString();
}

/** A job's payload may be any JSON, or none. */
function payloadOf(body) {
  try {
    return Object(JSON.parse(body));
  } catch {
    return {};
  }
}

function show(request, body) {
  const { method, url, httpVersion, rawHeaders } = request;
  let text = `--POST REQUEST BEGIN--\n${method} ${url} HTTP/${httpVersion}\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) text += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\n`;
  console.log(`${text}\n${body}\n--POST REQUEST END--`);
}

function send(response, status, answer, headers = {}) {
  const isText = typeof answer === 'string';
  const text = isText ? answer : JSON.stringify(answer);
  response.setHeader('Content-Type', isText ? 'text/plain; charset=utf-8' : 'application/json');
  response.setHeader('Content-Length', Buffer.byteLength(text));
  // Once told to end, the app keeps no connection for later.
  if (!server.listening) response.setHeader('Connection', 'close');
  response.writeHead(status, headers).end(text);
}

/** Requests under way are finished first. */
function stop() {
  server.close(() => process.exit(0));
  server.closeIdleConnections();
}
process.on('SIGTERM', stop);
process.on('SIGINT', stop);

server.on('error', (error) => {
  console.error(`cannot listen on port ${options.port}: ${error.message}`);
  process.exit(1);
});
server.listen(Number(options.port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`));
