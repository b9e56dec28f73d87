/** An example for each operation of the OpenAPI document. A test sends each to a server, and holds the answers against their schemas. */
import { batchExamples } from './batch-examples.ts';
import { elsewhereExamples } from './elsewhere-examples.ts';
import type { OpenApi } from './openapi-document.ts';
import { taskExamples } from './task-examples.ts';
import { triggerExamples } from './trigger-examples.ts';

interface OperationExamples {
  readonly bodies?: readonly Body[];
  /** What is answered, by status. */
  readonly answers: Readonly<Record<number, unknown>>;
}

interface Body {
  readonly summary: string;
  /** Default: JSON. */
  readonly type?: string;
  readonly value: unknown;
  readonly status: number;
}

const json = 'application/json';
const ndjson = 'application/x-ndjson';

const unreadable = { id: '942130478012362752', at: '2026-01-31T12:00:00.000Z', reason: 'there is no word for the code 99' };

const summary = {
  id: '942130478012362752',
  state: 'failed',
  reason: '',
  worker: 'http',
  queue: 'mail',
  domain: '',
  limit: '',
  name: 'welcome mail',
  comment: '',
  url: 'http://127.0.0.1:8000/mail',
  headers: { 'X-Tenant': 'acme' },
  priority: 5,
  manual: false,
  rules: 'v1',
  run: 1,
  attempt: 2,
  attempts: 2,
  lost: 0,
  timeout: '30s',
  totalTimeout: null,
  retry: { attempts: 2, backoff: '1s', maxBackoff: '1h' },
  onLost: 'retry',
  unique: null,
  startBefore: null,
  after: null,
  createdAt: '2026-02-16T11:05:03.104Z',
  dueAt: '2026-02-16T11:05:04.131Z',
  startedAt: '2026-02-16T11:05:04.134Z',
  endedAt: '2026-02-16T11:05:04.160Z',
  statusCode: 500,
  error: 'The worker answered 500',
  cause: 'answer',
  fence: '1771239904134021',
  holder: 'web-1.x7Qk2mVb0aE.1',
  unserved: false,
};
const queued = {
  ...summary,
  state: 'queued',
  attempt: 0,
  dueAt: summary.createdAt,
  startedAt: null,
  endedAt: null,
  statusCode: null,
  error: '',
  cause: null,
  fence: '0',
  holder: '',
};
const canceled = { ...queued, state: 'canceled', endedAt: '2026-02-16T11:05:09.020Z' };
const text = { output: '', outputCut: false };
const payload = { payload: { to: 'ada@example.org' } };
const failedAttempt = {
  run: 1,
  attempt: 2,
  fence: summary.fence,
  holder: summary.holder,
  startedAt: summary.startedAt,
  endedAt: summary.endedAt,
  end: 'failed',
  statusCode: 500,
  error: summary.error,
  cause: summary.cause,
  stack: '',
  output: 'no such template',
  outputCut: false,
};
const queue = {
  name: 'mail',
  paused: false,
  closed: false,
  concurrency: 10,
  rate: { max: 100, per: '1s' },
  jobs: { scheduled: 0, queued: 12, running: 10, stopping: 0, succeeded: 4711, failed: 3, canceled: 1 },
  unserved: 0,
  oldestWaiting: '2s400ms',
};
const limit = { name: 'worker:thumbnail', concurrency: 4, rate: { max: 100, per: '1h' }, pausedUntil: null, left: 42, held: 4, parked: 7 };
const node = {
  incarnation: summary.holder,
  name: 'web-1',
  version: '0.1.0',
  address: 'http://10.0.0.5:19900',
  serverId: 1,
  state: 'live',
  mode: 'active',
  condition: 'active',
  linked: true,
  running: 3,
  slots: 8,
  cpu: 42,
  memory: 61,
  serves: [{ worker: 'http', queues: 'any', concurrency: 8 }],
  startedAt: '2026-02-16T09:00:00.000Z',
  heardAgo: '1s200ms',
  leaseLeft: '4s800ms',
};

/** A queue's line and the last one: what a test can import everywhere. */
const lines = [
  '{"kind":"hatstand","format":2,"version":"0.1.0"}',
  '{"kind":"queue","name":"mail","paused":false,"closed":false,"concurrency":10,"rate":null}',
  '{"kind":"end","queues":1,"definitions":0,"jobs":0}',
].map((line) => `${line}\n`);

const watched = [
  'event: job\ndata: {"id":"942130478012362752","state":"running","attempt":1,"run":1,"holder":"web-1.x7Qk2mVb0aE.1","fence":"1771239904134021","reason":"","error":""}\n\n',
  'id: 1771239904134021.7\nevent: progress\ndata: {"at":"2026-02-16T09:00:00.000Z","progress":0.5}\n\n',
].join('');
const push = {
  ...{ url: summary.url, payload: { to: 'ada@example.org' }, queue: 'mail', name: 'welcome mail', headers: { 'X-Tenant': 'acme' } },
  ...{ priority: 5, retry: { attempts: 2 }, idempotencyKey: 'welcome-ada' },
};

export const examples: Readonly<Record<string, OperationExamples>> = {
  pushJobs: {
    bodies: [
      { summary: 'One job', value: push, status: 201 },
      {
        summary: 'Later, and tried more often',
        value: { url: push.url, delay: '10m', retry: { attempts: 20, backoff: '5s' } },
        status: 201,
      },
      {
        summary: 'The only one until it has started',
        value: { url: push.url, unique: { scope: 'key:reindex', until: 'started' } },
        status: 201,
      },
      { summary: 'For a function', value: { worker: 'greet', payload: { name: 'Ada' }, at: '2099-01-31T12:00:00Z' }, status: 201 },
      {
        summary: 'Many',
        value: [
          { url: push.url, payload: 1 },
          { url: push.url, payload: 2 },
        ],
        status: 200,
      },
      { summary: 'Many, one on each line', type: ndjson, value: `{"url":"${push.url}"}\n{"url":"${push.url}"}\n`, status: 200 },
    ],
    answers: {
      201: { ...queued, ...text, ...payload, kind: 'pushed' },
      200: {
        jobs: [
          { id: '942130478012362752', state: 'queued', kind: 'pushed', unserved: false },
          { id: '942130478012362753', state: 'queued', kind: 'pushed', unserved: false },
        ],
        pushed: 2,
        failed: 0,
      },
    },
  },
  listJobs: { answers: { 200: { jobs: [summary], next: 'bmV3ZXN0Ojk0MjEzMDQ3ODAxMjM2Mjc1Mg' } } },
  getJob: {
    answers: {
      200: {
        ...{ ...summary, output: failedAttempt.output, outputCut: false, ...payload },
        ...{ progress: 0.5, progressAt: '2026-02-16T11:05:04.150Z', history: [failedAttempt], historyNext: null },
      },
    },
  },
  listAttempts: { answers: { 200: { attempts: [failedAttempt], next: 'YXR0ZW1wdHM6MTc2NDM5MTIzNDU2Nzg5MA' } } },
  listLines: {
    answers: {
      200: {
        lines: [
          {
            ...{ fence: '1771239904134021', number: 1, at: '2026-02-16T11:05:04.141Z' },
            ...{ level: 'info', text: 'rendered', fields: { pages: 3 } },
          },
        ],
        ...{ next: '1771239904134021.1', more: false, dropped: 0, state: 'running' },
        ...{ progress: { done: 3, of: 7 }, progressAt: '2026-02-16T11:05:04.150Z' },
      },
    },
  },
  waitForJob: { answers: { 200: { ...summary, output: failedAttempt.output, outputCut: false, ...payload } } },
  cancelJob: { answers: { 200: { ...canceled, ...text, ...payload } } },
  restartJob: {
    bodies: [
      { summary: 'The same again', value: {}, status: 200 },
      { summary: 'A copy with changes', value: { copy: true, priority: 10, retry: { attempts: 1 } }, status: 201 },
    ],
    answers: { 200: { ...queued, run: 2, ...text, ...payload }, 201: { ...queued, id: '942130999012362752', ...text, ...payload } },
  },
  deleteJob: { answers: {} },
  ...elsewhereExamples({ ...queued, ...text, ...payload }),
  listQueues: { answers: { 200: { queues: [queue], next: null } } },
  getQueue: { answers: { 200: queue } },
  pauseQueue: { answers: { 200: { ...queue, paused: true } } },
  resumeQueue: { answers: { 200: queue } },
  closeQueue: { answers: { 200: { ...queue, closed: true } } },
  openQueue: { answers: { 200: queue } },
  configureQueue: {
    bodies: [
      { summary: 'Limits', value: { concurrency: 10, rate: { max: 100, per: '1s' } }, status: 200 },
      { summary: 'None', value: { concurrency: null, rate: null }, status: 200 },
    ],
    answers: { 200: queue },
  },
  purgeJobs: {
    bodies: [{ summary: 'Of two workers', value: { olderThan: '14d', workers: ['mail', 'report'], keep: 100 }, status: 200 }],
    answers: { 200: '{"looked":48112,"purged":47012,"done":false}\n{"looked":90210,"purged":88010,"done":true}\n' },
  },
  ...batchExamples,
  ...taskExamples,
  listLimits: { answers: { 200: { limits: [limit] } } },
  putLimit: { bodies: [{ summary: 'By worker', value: { concurrency: 4, rate: limit.rate }, status: 200 }], answers: { 200: limit } },
  deleteLimit: { answers: {} },
  ...triggerExamples({ ...queued, ...text, ...payload }),
  listWorkers: {
    answers: {
      200: {
        workers: [
          {
            ...{ name: 'http', active: true, concurrency: 8, waiting: 12, running: 3 },
            nodes: [{ node: node.name, incarnation: node.incarnation, state: 'active', concurrency: 8, queues: 'any' }],
          },
          { name: 'report', active: false, concurrency: 0, waiting: 1, running: 0, nodes: [] },
        ],
        untold: [],
      },
    },
  },
  listNodes: { answers: { 200: { nodes: [node] } } },
  drainNode: { answers: { 200: { nodes: [{ ...node, mode: 'draining', condition: 'draining' }] } } },
  resumeNode: { answers: { 200: { nodes: [node] } } },
  forgetNode: { answers: { 200: { nodes: [{ incarnation: node.incarnation, attempts: 3 }] } } },
  getStats: {
    answers: {
      200: {
        jobs: queue.jobs,
        lines: [{ queue: queue.name, worker: 'http', jobs: queue.jobs }],
        total: 4737,
        running: 10,
        unserved: 0,
        unreadable: 0,
        queues: 1,
        durability: 'sqlite-full',
        survives: 'What was acknowledged survives a crash of the process or the system, and a power loss.',
        version: '0.1.0',
        commit: 'f00ba47',
      },
    },
  },
  examineStore: { answers: { 200: { checked: 10_000, repaired: {}, warnings: [], next: null } } },
  listUnreadable: { answers: { 200: { total: 1, records: [unreadable], next: null } } },
  getUnreadable: { answers: { 200: { ...unreadable, raw: '{"job":{"id":942130478012362752,"state":99},"attempts":[]}' } } },
  publishEvents: {
    bodies: [
      { summary: 'One event', value: { type: 'io.cozy.files', verb: 'CREATED', id: 'a1b2', doc: { class: 'image' } }, status: 200 },
      {
        summary: 'Many, which may be repeated',
        value: [
          { type: 'orders', verb: 'UPDATED', id: '7', doc: { paid: true }, old: { paid: false }, key: 'orders/7/2' },
          { type: 'orders', verb: 'DELETED', id: '6', key: 'orders/6/9' },
        ],
        status: 200,
      },
      { summary: 'NDJSON', type: ndjson, value: '{"type":"orders","verb":"NOTIFIED","id":"7"}\n', status: 200 },
    ],
    answers: {
      200: { events: [{ kind: 'told', entry: 1_042, number: 0, jobs: ['942130478012362752'], gathered: 0, dropped: 0, refused: 0 }] },
    },
  },
  previewEvent: {
    bodies: [{ summary: 'One event', value: { type: 'io.cozy.files', verb: 'CREATED', id: 'a1b2', doc: { class: 'image' } }, status: 200 }],
    answers: {
      200: {
        matched: 1,
        pushes: [{ trigger: 'thumbnails', domain: '', gathers: false, worker: 'thumbnail', queue: 'default', payload: { size: 128 } }],
      },
    },
  },
  watchJob: { answers: { 200: watched } },
  watchTask: { answers: { 200: watched } },
  followEvents: {
    answers: {
      200: 'id: 1042.0.m9x2k1ab.7hq2\ndata: {"domain":"","type":"orders","verb":"DELETED","id":"6","doc":null,"old":null}\n\n',
    },
  },
  deleteUnreadable: { answers: {} },
  exportJobs: { answers: { 200: lines.join('') } },
  importJobs: {
    bodies: [{ summary: 'The settings of a queue', type: ndjson, value: lines.join(''), status: 200 }],
    answers: {
      200: {
        restored: 0,
        existed: 0,
        queues: 1,
        definitions: 0,
        limits: 0,
        limitsKept: 0,
        definitionsKept: 0,
        queuesKept: 0,
        queuesKeptNames: [],
        failed: 0,
        faults: [],
      },
    },
  },
};

/** Puts the examples into the document. */
export function addExamples(document: OpenApi): void {
  for (const operation of Object.values(document.paths).flatMap((path) => Object.values(path))) {
    const { bodies = [], answers } = examples[operation.operationId] ?? { answers: {} };
    for (const [type, media] of Object.entries(operation.requestBody?.content ?? {})) {
      const those = bodies.filter((body) => (body.type ?? json) === type);
      media.examples = Object.fromEntries(
        those.map(({ summary: said, value, status }, at) => [`example${at + 1}`, { summary: said, value, 'x-status': status }]),
      );
    }
    for (const [status, value] of Object.entries(answers)) {
      for (const media of Object.values(operation.responses[status]?.content ?? {})) media.example = value;
    }
  }
}
