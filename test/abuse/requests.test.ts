/**
 * Whatever requests come, none is answered with a fault of ours, every answer is as the OpenAPI document says, others are
 * answered meanwhile, and all that is kept afterwards can be listed, shown and exported.
 */

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { Answer } from '../../src/faces/http/server.suite.ts';
import { type Contract, contractOf, readContract } from '../../src/faces/http/v1/contract.suite.ts';
import { type ServerProcess, startServer } from '../scenarios/server-process.ts';
import { type RedisServer, startRedis } from '../support/redis-server.ts';
import { type Bystander, type Figures, startBystander } from './bystander.ts';
import { hqDocument } from './hq-contract.ts';
import { report } from './report.ts';
import { type Draft, draftsOf } from './requests.ts';
import { scaled } from './scale.ts';
import { openWire, type Sent, type Wire } from './wire.ts';

const megabyte = 1024 * 1024;
const atOnce = 48;
const perTurn = 500;
/** Told when something fails, so that it can be seen again. */
const seed = Number(process.env['HATSTAND_ABUSE_SEED'] ?? Date.now() % 1_000_000);

let folder = '';
let app: Server;
let appAddress = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'hatstand-abuse-'));
  app = createServer((request, response) => {
    request.resume().once('end', () => {
      response.statusCode = Number(request.headers['content-length'] ?? 0) % 3 === 0 ? 500 : 200;
      response.end('answered');
    });
  });
  await once(app.listen(0, '127.0.0.1'), 'listening');
  appAddress = `http://127.0.0.1:${(app.address() as AddressInfo).port}`;
});
afterAll(async () => {
  app.closeAllConnections();
  app.close();
  await rm(folder, { recursive: true });
});

/** How often among the others; those that write out the whole store are rare. */
const weights: Readonly<Record<string, number>> = {
  ...{ pushJobs: 30, hqPush: 15, importJobs: 8, listJobs: 20, exportJobs: 0.2, examineStore: 1, hqList: 5, livez: 1, hqVersion: 1 },
  ...{ drainNode: 3, resumeNode: 6, forgetNode: 3, pauseQueue: 3, resumeQueue: 6, deleteJob: 5, hqDelete: 2 },
};
const usual = 8;

function requestsOf(contracts: readonly Contract[]): fc.Arbitrary<{ readonly contract: Contract; readonly draft: Draft }> {
  const each = contracts.flatMap((contract) =>
    contract.routes.map((route) => ({
      weight: Math.round(10 * (weights[route.operationId] ?? usual)),
      arbitrary: draftsOf(contract, route, appAddress).map((draft) => ({ contract, draft })),
    })),
  );
  return fc.oneof(...each);
}

/** What is there, of each kind that addresses name. */
interface There {
  readonly id: string[];
  readonly node: readonly string[];
  readonly name: readonly string[];
  readonly trigger: string[];
  readonly task: string[];
  /** The paths of webhooks, which nobody guesses. */
  readonly hooks: string[];
  /** Whose jobs wait, so that claims find some. */
  readonly workers: string[];
  /** Attempts that were claimed, with their proofs. */
  readonly attempts: { readonly id: string; readonly proof: unknown }[];
}

const remembered = 300;

function sentOf({ route, method, target, headers, body }: Draft, there: There): Sent {
  const isHook = route.operationId === 'callWebhook';
  const [known] = target.filter((piece) => typeof piece !== 'string');
  const hook = isHook && known !== undefined ? there.hooks[known.at % there.hooks.length] : undefined;
  if (hook !== undefined) return { method, target: hook, headers, body };
  const elsewhere = sentElsewhere(route, body, there);
  if (elsewhere !== null) return { method, headers, ...elsewhere };
  const pieces = target.map((piece) => {
    if (typeof piece === 'string') return piece;
    const all = knownOf(there, route, piece.name);
    return encodeURIComponent(all[piece.at % all.length] ?? '1');
  });
  return { method, target: pieces.join(''), headers, body };
}

/** Claims of workers whose jobs wait, and half of what is told of attempts with the proof of one that is held. */
function sentElsewhere({ operationId, path }: Draft['route'], body: Buffer | null, there: There): Pick<Sent, 'target' | 'body'> | null {
  const value = objectIn(body);
  if (value === null) return null;
  const turn = body?.length ?? 0;
  const worker = there.workers[turn % there.workers.length];
  if (operationId === 'claimJobs' && worker !== undefined && Array.isArray(value['workers']))
    return { target: path, body: withMember(value, { workers: [worker] }) ?? body };
  const attempt = there.attempts[turn % there.attempts.length];
  if (!['reportAttempt', 'settleAttempt', 'askTaskOfAttempt'].includes(operationId) || attempt === undefined || turn % 2 === 0) return null;
  return { target: path.replace('{id}', attempt.id), body: withMember(value, { proof: attempt.proof }) ?? body };
}

/** `null`: it has more levels than are written. */
function withMember(value: Readonly<Record<string, unknown>>, member: object): Buffer | null {
  try {
    return Buffer.from(JSON.stringify({ ...value, ...member }));
  } catch {
    return null;
  }
}

function objectIn(body: Buffer | null): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(String(body));
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : null;
  } catch {
    return null;
  }
}

function knownOf(there: There, { path }: Draft['route'], name: string): readonly string[] {
  if (name === 'id' && path.startsWith('/v1/tasks')) return there.task;
  if (name === 'id') return path.startsWith('/v1/triggers') || path.startsWith('/v1/webhooks') ? there.trigger : there.id;
  return name === 'node' ? there.node : name === 'name' ? there.name : [];
}

/** Apart from the answer in which it was found: a piece of a text keeps all of it, which may be megabytes. */
const apart = (piece: string): string => Buffer.from(piece).toString();

function remember(there: There, { status, text }: Answer, made: number): void {
  if (status !== 200 && status !== 201) return;
  const place = made % remembered;
  const found = (pattern: RegExp): string | undefined => {
    const piece = pattern.exec(text)?.[1];
    return piece === undefined ? undefined : apart(piece);
  };
  const id = found(/"id":\s?"(\d{5,19})"/);
  if (id !== undefined) there.id[place] = id;
  const worker = found(/"worker":"([^"]+)"/);
  if (worker !== undefined && worker !== 'http' && worker !== 'client') there.workers[place] = worker;
  const claimed = /^\{"attempts":\[\{"proof":(\{[^}]+\}).*?"job":\{"id":"(\d+)"/.exec(text);
  if (claimed !== null) there.attempts[place] = { id: apart(claimed[2] ?? ''), proof: JSON.parse(claimed[1] ?? '') };
  const trigger = found(/^\{"id":"([^"]+)","domain":"","type":/);
  if (trigger !== undefined) there.trigger[place] = trigger;
  const task = found(/^\{"id":"([^"]+)","domain":"","worker":/);
  if (task !== undefined) there.task[place] = task;
  const hook = found(/"webhook":"([^"]+)"/);
  if (hook !== undefined) there.hooks[place] = hook;
}

/** What is wrong with an answer to a request that may not have come to its route: it must be a refusal in either form. */
function strayFaults({ method }: Sent, { status, text, json }: Answer): readonly string[] {
  if (status < 400 || method === 'HEAD') return [];
  const isProblem = typeof json['code'] === 'string' && typeof json['detail'] === 'string';
  const isRefusal = json['status'] === status && typeof json['error'] === 'string';
  return isProblem || isRefusal ? [] : [`no refusal: ${text.slice(0, 200)}`];
}

/** A large answer finds no room beside others: it is told when to come back. HQ's form of a refusal has no code. */
const isOverloaded = ({ status, json, headers }: Answer): boolean =>
  status === 503 && headers['retry-after'] !== undefined && (json['code'] === 'overloaded' || /^Too many /.test(String(json['error'])));

/** Nodes are forgotten on the way, and join again. */
const isForgotten = ({ operationId }: Draft['route'], { status, json }: Answer): boolean =>
  operationId === 'readyz' && status === 503 && String(json['reasons']) === 'this node has no lease';

function faultsOf(contract: Contract, draft: Draft, sent: Sent, answer: Answer): readonly string[] {
  if (isForgotten(draft.route, answer)) return [];
  if (answer.status >= 500 && !isOverloaded(answer)) return [`a fault of ours: ${answer.text.slice(0, 300)}`];
  return draft.strays || sent.target.length > 8_000 ? strayFaults(sent, answer) : contract.faultsOf(draft.route, answer);
}

const shown = ({ method, target, headers, body }: Sent): string =>
  `${method} ${target.slice(0, 300)} ${JSON.stringify(headers).slice(0, 300)} ${JSON.stringify(body?.toString().slice(0, 600))}`;

interface Told {
  readonly statuses: Map<number, number>;
  readonly faults: string[];
}

async function play(wire: Wire, contracts: readonly Contract[], total: number): Promise<Told> {
  const requests = requestsOf(contracts);
  const node = await nodesAt(wire);
  const there: There = { id: [], node, name: ['default', 'mail', 'a.b'], trigger: [], task: [], hooks: [], workers: [], attempts: [] };
  const told: Told = { statuses: new Map(), faults: [] };
  let made = 0;

  async function one({ contract, draft }: { readonly contract: Contract; readonly draft: Draft }): Promise<void> {
    const sent = sentOf(draft, there);
    try {
      const answer = await wire.send(sent, draft.leaveAfter);
      if (answer === null) return;
      made += 1;
      remember(there, answer, made);
      told.statuses.set(answer.status, (told.statuses.get(answer.status) ?? 0) + 1);
      for (const fault of faultsOf(contract, draft, sent, answer))
        told.faults.push(`${draft.route.operationId} ${answer.status} ${fault}\n  ${shown(sent)}\n  ${answer.text.slice(0, 300)}`);
    } catch (error) {
      // Who cannot be understood is told so before it is known that HEAD is answered without words.
      if (sent.method === 'HEAD' && error instanceof Error && 'code' in error && error.code === 'HPE_CLOSED_CONNECTION') return;
      told.faults.push(`${draft.route.operationId} ${String(error)}\n  ${shown(sent)}`);
    }
  }

  for (let done = 0, turn = 0; done < total && told.faults.length < most; done += perTurn, turn++) {
    const drafts = fc.sample(requests, { numRuns: perTurn, seed: seed + turn }).values();
    await Promise.all(
      Array.from({ length: atOnce }, async () => {
        for (const each of drafts) await one(each);
      }),
    );
  }
  return told;
}

/** Faults that are told at once. */
const most = 20;

async function get(wire: Wire, target: string): Promise<Answer> {
  const answer = await wire.send({ method: 'GET', target, headers: [], body: null });
  return answer ?? expect.fail(`${target} was not answered`);
}

async function nodesAt(wire: Wire): Promise<readonly string[]> {
  const { nodes } = (await get(wire, '/v1/nodes')).json as {
    readonly nodes: readonly { readonly name: string; readonly incarnation: string }[];
  };
  return nodes.flatMap(({ name, incarnation }) => [name, incarnation]);
}

/** Jobs are taken and run again: nodes were drained, queues paused and closed, limits set on the way. */
async function resumeAll(wire: Wire): Promise<void> {
  const { limits } = (await get(wire, '/v1/limits')).json as { readonly limits: readonly { readonly name: string }[] };
  for (const { name } of limits) {
    const target = `/v1/limits/${encodeURIComponent(name)}`;
    expect((await wire.send({ method: 'DELETE', target, headers: [], body: null }))?.status, target).toBe(204);
  }
  const post = async (target: string): Promise<void> => {
    expect((await wire.send({ method: 'POST', target, headers: [], body: null }))?.status, target).toBe(200);
  };
  for (const node of await nodesAt(wire)) if (node.includes('.')) await post(`/v1/nodes/${encodeURIComponent(node)}/resume`);
  for (let cursor = ''; ; ) {
    const { queues, next } = (await get(wire, `/v1/queues?limit=500${cursor}`)).json as {
      queues: readonly { name: string }[];
      next: string | null;
    };
    for (const { name } of queues) {
      await post(`/v1/queues/${name}/resume`);
      const opening = {
        method: 'PATCH',
        target: `/v1/queues/${name}`,
        headers: [['content-type', 'application/json']],
        body: Buffer.from('{"closed":false}'),
      } as const;
      expect((await wire.send(opening))?.status, opening.target).toBe(200);
    }
    if (next === null) return;
    cursor = `&cursor=${next}`;
  }
}

interface Found {
  readonly id: string;
  readonly domain: string;
  /** Of a task: one that somebody runs goes once it has returned, and begins no more. */
  readonly desired?: string;
}

/** Nothing is pushed by itself any more: neither by triggers, nor for the ends of batches, nor for tasks. */
async function deleteAll(wire: Wire, noun: 'triggers' | 'batches' | 'tasks'): Promise<void> {
  for (let cursor = ''; ; ) {
    const { status, json, text } = await get(wire, `/v1/${noun}?limit=100${cursor}`);
    expect(status, text).toBe(200);
    const found = (json[noun] as readonly Found[]).filter(({ desired }) => desired !== 'deleted');
    // None that is left stands on an earlier page.
    if (found.length === 0 && json['next'] === null) return;
    if (found.length === 0) cursor = `&cursor=${json['next']}`;
    for (const { id, domain } of found) {
      const target = `/v1/${noun}/${encodeURIComponent(id)}?domain=${encodeURIComponent(domain)}`;
      const answer = await wire.send({ method: 'DELETE', target, headers: [], body: null });
      expect([204, 404], target).toContain(answer?.status);
    }
  }
}

async function lookAtAll(wire: Wire, contract: Contract): Promise<void> {
  const ids = new Set<string>();
  for (const order of ['newest', 'oldest']) for (const id of await listed(wire, contract, order)) ids.add(id);
  const left = ids.values();
  await Promise.all(
    Array.from({ length: 8 }, async () => {
      for (const id of left) {
        const answer = await get(wire, `/v1/jobs/${id}`);
        expect(contract.faultsOf(contract.route('getJob'), answer), answer.text.slice(0, 1_000)).toEqual([]);
        expect((await get(wire, `/job/${id}`)).status).toBe(answer.json['worker'] === 'http' ? 200 : 422);
      }
    }),
  );
  const lines = (await get(wire, '/v1/export')).text.trim().split('\n');
  const exported = lines.map((line) => JSON.parse(line) as { kind: string; job?: { id: string } });
  expect(new Set(exported.flatMap(({ job }) => job?.id ?? []))).toEqual(ids);
  expect(exported.filter(({ kind }) => kind === 'unreadable')).toEqual([]);
  expect(exported.at(-1)).toMatchObject({ kind: 'end', jobs: ids.size });
  expect((await get(wire, '/v1/stats')).json).toMatchObject({ total: ids.size });
}

async function listed(wire: Wire, contract: Contract, order: string): Promise<readonly string[]> {
  const ids: string[] = [];
  for (let cursor = ''; ; ) {
    const answer = await get(wire, `/v1/jobs?limit=500&order=${order}${cursor}`);
    expect(contract.faultsOf(contract.route('listJobs'), answer), answer.text.slice(0, 1_000)).toEqual([]);
    const page = answer.json as { readonly jobs: readonly { id: string }[]; readonly next: string | null };
    ids.push(...page.jobs.map(({ id }) => id));
    if (page.next === null) return ids;
    cursor = `&cursor=${page.next}`;
  }
}

async function expectsToRun(wire: Wire): Promise<void> {
  const body = Buffer.from(JSON.stringify({ url: `${appAddress}/last`, payload: 'ab', queue: 'last', manual: true }));
  const pushed = await wire.send({ method: 'POST', target: '/v1/jobs', headers: [['content-type', 'application/json']], body });
  expect(pushed?.status).toBe(201);
  expect((await get(wire, `/v1/jobs/${String(pushed?.json['id'])}/wait?timeout=20s`)).json).toMatchObject({ state: 'succeeded' });
}

/** A server beside ours that does nothing, and somebody who asks it at the same times. */
async function startStill(): Promise<Bystander> {
  const child = fork(fileURLToPath(new URL('still-process.ts', import.meta.url)));
  onTestFinished(() => void child.kill('SIGKILL'));
  const [port] = await once(child, 'message');
  return startBystander({ address: `http://127.0.0.1:${port}`, pids: child.pid === undefined ? [] : [child.pid] });
}

interface Abused {
  readonly server: ServerProcess;
  /** Processes that do what it is asked for: itself, and its Redis. */
  readonly pids: readonly number[];
}

/** While somebody else uses the server, too: how long that one waits, beside what the machine itself takes. */
async function beside(store: string, { server, pids }: Abused, abused: () => Promise<Told>): Promise<void> {
  const bystanders = [await startBystander({ address: server.address, pids }), await startStill()];
  const figures = async (): Promise<{ readonly ours: Figures; readonly machine: Figures }> => {
    const [ours = expect.fail(), machine = expect.fail()] = await Promise.all(bystanders.map((each) => each.figures()));
    return { ours, machine };
  };
  try {
    await Promise.all(bystanders.map((each) => each.answered(scaled(200, 1_000))));
    const calm = await figures();
    const from = server.lines.length;
    const { statuses, faults } = await abused();
    const during = await figures();
    expect(faults.join('\n'), `seed ${seed}`).toBe('');
    report({
      ...{ store, attack: 'requests made from the document', came: tellStatuses(statuses), calm: calm.ours, during: during.ours },
      ...{ grown: during.ours.memory.most - calm.ours.memory.first, lease: 'kept' },
    });
    expect(during.ours.failed).toEqual([]);
    expect(during.ours.memory.most - calm.ours.memory.most).toBeLessThan(300 * megabyte);
    expect(Math.max(0, ...turnsOf(server.lines.slice(from)))).toBeLessThan(longest);
    // What the server waits for a processor is the machine's.
    expect(during.ours.held, during.ours.heldAt).toBeLessThan(longest + calm.ours.held + during.machine.worst);
  } finally {
    await Promise.all(bystanders.map((each) => each.stop()));
  }
}

const tellStatuses = (statuses: ReadonlyMap<number, number>): string =>
  [...statuses]
    .sort(([a], [b]) => a - b)
    .map(([status, count]) => `${count} × ${status}`)
    .join(', ');

/** Milliseconds that anybody may be kept waiting. */
const longest = 250;

/** What turns.cjs tells. */
const turnsOf = (lines: readonly string[]): readonly number[] =>
  lines.flatMap((line) => {
    const millis = /"msg":"turn","millis":(\d+)/.exec(line)?.[1];
    return millis === undefined ? [] : [Number(millis)];
  });

const turns = fileURLToPath(new URL('turns.cjs', import.meta.url));
/** Lists without a limit are short, and jobs that came in with an end of long ago are kept. */
const start = (folder: string, flags: readonly string[] = []): Promise<ServerProcess> =>
  startServer(folder, {
    flags: ['--job-list-default-limit', '50', '--job-lifetime', '0', ...flags],
    env: { NODE_OPTIONS: `--require ${turns}` },
  });

/** Jobs fail, nodes are forgotten as if they were dead: that was asked for. */
const faultsIn = (lines: readonly string[]): readonly string[] =>
  lines.filter((line) => /"level":"(?:error|fatal)"/.test(line) && !/"msg":"(?:job\.failed|node\.buried)"/.test(line));

async function abuse(store: string, abused: Abused): Promise<void> {
  const { server } = abused;
  const wire = openWire(server.address, atOnce);
  onTestFinished(() => wire.close());
  const contract = await readContract({ ask: (_method, path) => get(wire, path) });
  await beside(store, abused, () => play(wire, [contract, contractOf(hqDocument)], scaled(2_000, 100_000)));
  await deleteAll(wire, 'triggers');
  await deleteAll(wire, 'batches');
  await deleteAll(wire, 'tasks');
  await resumeAll(wire);
  await expectsToRun(wire);
  const quiet = await get(wire, '/readyz');
  expect(quiet.json, quiet.text).toMatchObject({ ready: true });
  expect(quiet.json).not.toHaveProperty('unreadable');
  await lookAtAll(wire, contract);
  expect((await get(wire, '/v1/unreadable')).json).toMatchObject({ total: 0 });
  expect(faultsIn(server.lines)).toEqual([]);
  await Promise.race([server.ended.then((how) => expect.fail(`the server ended: ${how}`)), get(wire, '/livez')]);
}

const within = scaled(120_000, 1_800_000);

describe(`requests made of the OpenAPI document (seed ${seed})`, () => {
  it('on the embedded store', { timeout: within }, async () => {
    const server = await start(join(folder, 'data'));
    onTestFinished(async () => void (await server.kill('SIGKILL')));
    await abuse('embedded', { server, pids: [server.pid] });
  });

  describe('with Redis', () => {
    let redis: RedisServer;
    beforeAll(async () => {
      redis = await startRedis();
    });
    afterAll(() => redis.stop());

    it('on a node', { timeout: within }, async () => {
      const server = await start(folder, ['--store', redis.url]);
      onTestFinished(async () => void (await server.kill('SIGKILL')));
      await abuse('Redis', { server, pids: [server.pid, redis.pid] });
    });
  });
});
