/** The examples of triggers (examples.ts). */

const trigger = {
  id: 'nightly-report',
  domain: '',
  type: '@cron',
  arguments: '0 30 2 * * MON-FRI',
  timeZone: 'Europe/Berlin',
  daylight: { gap: 'once', fold: 'first' },
  worker: 'report',
  url: '',
  options: {
    queue: 'reports',
    priority: 0,
    name: 'nightly report',
    comment: '',
    headers: {},
    timeout: '10m',
    totalTimeout: null,
    retry: { attempts: 3, backoff: '1s', maxBackoff: '1h' },
    onLost: 'retry',
    rules: 'v1',
    forwardLogs: false,
    unique: null,
    startBefore: null,
  },
  missed: { policy: 'last', most: 100, lateness: null },
  overlap: 'skip',
  debounce: null,
  jitter: '0s',
  endsAt: null,
  status: 'active',
  reason: '',
  pausedUntil: null,
  skip: 0,
  nextAt: '2026-02-17T01:30:00.000Z',
  outlasted: false,
  window: null,
  webhook: null,
  signed: false,
  live: 0,
  newest: { job: '942130478012362752', at: '2026-02-16T01:30:09.104Z', end: 'succeeded', error: '' },
  succeeded: { job: '942130478012362752', at: '2026-02-16T01:30:09.104Z', end: 'succeeded', error: '' },
  failed: null,
  launched: null,
  unserved: false,
  version: 7,
  createdAt: '2026-01-31T12:00:00.000Z',
  changedAt: '2026-02-01T08:00:00.000Z',
  message: { of: 'yesterday' },
};
const looked = { answers: { 200: { looked: 12, changed: 1, next: null } } };
const upkeep = { rebuildTriggers: looked, cleanTriggers: looked };
const preview = {
  next: ['2026-03-29T01:00:00.000Z', '2026-03-30T00:30:00.000Z'],
  notes: [
    '2026-03-29T01:00:00Z: the clocks of Europe/Berlin go forward from 2026-03-29 02:00 to 2026-03-29 03:00. Whatever was to run between the two is run once, at this moment.',
  ],
};
const history = {
  decisions: [
    {
      ...{ kind: 'decided', entry: 4_712, at: '2026-02-16T01:30:00.104Z', version: 7, tick: '2026-02-16T01:30:00.000Z' },
      ...{ why: 'fired for 2026-02-16T01:30:00Z', overlap: false, jobs: [{ id: '942130478012362752', state: 'succeeded' }] },
    },
    { kind: 'changed', entry: 4_002, at: '2026-02-15T08:00:00.000Z', version: 7, why: 'changed: arguments' },
  ],
  next: null,
  since: '2026-02-15T03:12:44.000Z',
};
const one = { answers: { 200: trigger } };

/** @param queued a job that was just pushed, as it is answered */
export const triggerExamples = (queued: object) => ({
  listTriggers: { answers: { 200: { triggers: [trigger], next: null } } },
  addTrigger: {
    bodies: [
      {
        summary: 'A report at night',
        value: {
          ...{ type: '@cron', arguments: '0 30 2 * * MON-FRI', timeZone: 'Europe/Berlin', worker: 'report', message: { of: 'yesterday' } },
          ...{ options: { queue: 'reports', retry: { attempts: 3 } }, overlap: 'skip' },
        },
        status: 201,
      },
      {
        summary: 'A web app, every five minutes',
        value: { type: '@every', arguments: '5m', url: 'http://127.0.0.1:8000/sync', missed: 'skip' },
        status: 201,
      },
      {
        summary: 'A webhook that gathers',
        value: { type: '@webhook', worker: 'import', debounce: { wait: '10s', maxWait: '1m' } },
        status: 201,
      },
    ],
    answers: { 201: trigger },
  },
  previewTrigger: {
    bodies: [
      {
        summary: 'Around a change of the clocks',
        value: { type: '@cron', arguments: '0 30 2 * * *', timeZone: 'Europe/Berlin', from: '2026-03-28T12:00:00Z', count: 2 },
        status: 200,
      },
    ],
    answers: { 200: preview },
  },
  getTrigger: one,
  changeTrigger: { bodies: [{ summary: 'Another time', value: { arguments: '0 0 3 * * MON-FRI' }, status: 200 }], ...one },
  deleteTrigger: { answers: {} },
  pauseTrigger: {
    bodies: [{ summary: 'For the holidays', value: { until: '9999-01-02T00:00:00Z' }, status: 200 }],
    answers: { 200: { ...trigger, status: 'paused', pausedUntil: '9999-01-02T00:00:00.000Z' } },
  },
  resumeTrigger: one,
  skipTrigger: { bodies: [{ summary: 'Three runs', value: { count: 3 }, status: 200 }], answers: { 200: { ...trigger, skip: 3 } } },
  nextOfTrigger: { answers: { 200: preview } },
  historyOfTrigger: { answers: { 200: history } },
  launchTrigger: {
    bodies: [{ summary: 'With a payload of its own', value: { payload: { of: 'today' } }, status: 201 }],
    answers: { 201: { ...queued, proof: null } },
  },
  backfillTrigger: {
    bodies: [{ summary: 'A week', value: { from: '2026-02-01T00:00:00Z', to: '2026-02-08T00:00:00Z' }, status: 200 }],
    answers: { 200: { jobs: ['942130478012362752'], pushed: 1, replayed: 0 } },
  },
  ...upkeep,
  callWebhook: {
    bodies: [{ summary: 'Any JSON value', value: { order: 4711 }, status: 202 }],
    answers: { 202: { job: '942130478012362752', kind: 'pushed' } },
  },
});
