/** The examples of tasks (examples.ts). */

const summary = {
  id: 'tail-1',
  domain: '',
  worker: 'tail',
  desired: 'enabled',
  status: 'running',
  seedStatus: 'RUNNING',
  unserved: false,
  message: { file: '/var/log/orders' },
  restart: { on: 'failure', backoff: '1s', maxBackoff: '1m', crashes: 10, healthyAfter: '1m' },
  pause: null,
  stalledAfter: '5m',
  cleanEnd: false,
  stateOptional: false,
  maxDetached: null,
  queue: 'default',
  priority: 0,
  name: '',
  comment: '',
  job: '942130478012362752',
  holder: 'web-1.x7Qk2mVb0aE.1',
  startedAt: '2026-02-16T11:05:04.134Z',
  crashes: 1,
  newestCrashes: [{ at: '2026-02-16T11:05:03.101Z', job: '942130478012362751', error: 'the file is not there' }],
  createdAt: '2026-02-16T09:00:00.000Z',
  endedAt: null,
  end: null,
  version: 4,
};
const kept = { checkpoint: { line: 4_711 }, progress: { lines: 4_713 }, progressAt: '2026-02-16T11:05:09.150Z' };
const task = { ...summary, result: null, ...kept };
const queued = { ...task, status: 'queued', seedStatus: 'STOPPED', holder: '', startedAt: null, progress: null, progressAt: null };
const fresh = { ...queued, unserved: true, job: null, crashes: 0, newestCrashes: [], checkpoint: null, version: 1 };
const stopping = { ...task, status: 'stopping' };
const ended = {
  ...task,
  status: 'ended',
  seedStatus: 'END',
  endedAt: '2026-02-16T11:06:00.020Z',
  end: 'succeeded',
  result: { lines: 4_713 },
};

export const taskExamples = {
  listTasks: { answers: { 200: { tasks: [summary], next: null } } },
  startTask: {
    bodies: [
      {
        summary: 'One that tells how far it is',
        value: { id: 'tail-1', worker: 'tail', message: summary.message, stalledAfter: '5m' },
        status: 201,
      },
      {
        summary: 'Again and again, whatever comes of it, and gone at its end',
        value: { worker: 'sync', pause: '10s', restart: { on: 'always', maxBackoff: '5m' }, cleanEnd: true },
        status: 201,
      },
    ],
    answers: { 201: fresh },
  },
  getTask: { answers: { 200: task } },
  deleteTask: { answers: {} },
  restartTask: {
    bodies: [
      { summary: 'As it is', value: {}, status: 200 },
      {
        summary: 'With another message',
        value: { message: { file: '/var/log/returns' }, restart: { crashes: 3 }, stalledAfter: null },
        status: 200,
      },
    ],
    answers: { 200: queued },
  },
  enableTask: { answers: { 200: queued } },
  disableTask: { answers: { 200: { ...stopping, desired: 'disabled' } } },
  stopTask: { answers: { 200: { ...stopping, desired: 'ended' } } },
  collectTask: { answers: { 200: ended } },
  moveTask: {
    bodies: [
      { summary: 'To a node', value: { to: 'web-1' }, status: 200 },
      { summary: 'Away from a node', value: { from: 'web-2' }, status: 200 },
    ],
    answers: { 200: stopping },
  },
  tellTask: {
    bodies: [
      { summary: 'With data', value: { name: 'rewind', data: { line: 0 } }, status: 202 },
      { summary: 'Without', value: { name: 'reload' }, status: 202 },
    ],
    answers: { 202: { id: 'tail-1/PvzpvaKU5H4NzGe4GK8KRk' } },
  },
  controlsOfTask: {
    answers: {
      200: {
        controls: [{ id: 'tail-1/PvzpvaKU5H4NzGe4GK8KRk', name: 'rewind', data: { line: 0 }, at: '2026-02-16T11:05:08.104Z' }],
        next: null,
      },
    },
  },
};
