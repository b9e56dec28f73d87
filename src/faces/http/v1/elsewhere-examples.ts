/** The examples of attempts that run elsewhere (examples.ts). */

const proof = { holder: 'resizer-1', fence: '1771239904134021', capability: 'mYz0S2gUJxM3Pp2oRj1b8mO2mZb2n8cUu1oG4yq0X1E' };

const claimed = (queued: object) => ({
  proof,
  attemptTtl: '30s',
  firstStartedAt: '2026-02-16T11:05:04.134Z',
  owner: 'trigger//nightly-report',
  hasPayload: true,
  about: { tick: '2026-02-16T11:05:00Z' },
  job: {
    ...queued,
    ...{ state: 'running', worker: 'resize', url: '', headers: {}, attempt: 1, fence: proof.fence },
    ...{ holder: `${proof.holder}@elsewhere`, startedAt: '2026-02-16T11:05:04.134Z' },
  },
});

const taskExample = {
  askTaskOfAttempt: {
    bodies: [
      { summary: 'What there is, with what to go on from', value: { proof, resumes: true }, status: 200 },
      { summary: 'Keep a checkpoint', value: { proof, checkpoint: { line: 4711 } }, status: 200 },
      {
        summary: 'One is handled; wait for the next one',
        value: { proof, handled: ['orders/c29tZQ'], knows: ['orders/bmV4dA'], wait: '20s' },
        status: 200,
      },
    ],
    answers: {
      200: {
        hasCheckpoint: true,
        checkpoint: { line: 4711 },
        controls: [{ id: 'orders/c29tZQ', name: 'rewind', hasData: true, data: { line: 0 } }],
        ends: null,
      },
    },
  },
};

/** @param queued a job that was just pushed, as it is answered */
export const elsewhereExamples = (queued: object) => ({
  claimJobs: {
    bodies: [
      {
        summary: 'Up to four jobs, if there are any now',
        value: { holder: proof.holder, operation: '7f3a-42', workers: ['resize'], max: 4, wait: '0s' },
        status: 200,
      },
      {
        summary: 'What the operation has claimed before',
        value: {
          holder: proof.holder,
          operation: '7f3a-42',
          workers: ['resize'],
          queues: ['images'],
          max: 0,
          wait: '0s',
          attemptTtl: '1m',
        },
        status: 200,
      },
    ],
    answers: { 200: { attempts: [claimed(queued)] } },
  },
  reportAttempt: {
    bodies: [
      { summary: 'It goes on', value: { proof }, status: 200 },
      {
        summary: 'With all that may be told',
        value: {
          proof,
          attemptTtl: '1m',
          progress: { done: 3, of: 7 },
          lines: [{ number: 1, level: 'info', text: 'rendered', fields: { pages: 3 }, ago: '120ms' }],
          events: [{ name: 'page', data: { number: 3 } }],
          push: [{ worker: 'thumbnail', payload: { page: 3 }, idempotencyKey: 'page-3' }],
        },
        status: 200,
      },
    ],
    answers: { 200: { state: 'running', pushed: [{ id: '942130478012362753', kind: 'pushed' }] } },
  },
  ...taskExample,
  settleAttempt: {
    bodies: [
      { summary: 'It succeeded', value: { proof, outcome: 'succeeded', output: { width: 160 } }, status: 200 },
      {
        summary: 'It failed, and trying again does not help',
        value: { proof, outcome: 'failed', error: 'no such image', retry: false },
        status: 200,
      },
      { summary: 'It is handed back', value: { proof, outcome: 'released' }, status: 200 },
    ],
    answers: { 200: { kind: 'settled', ended: true } },
  },
});
