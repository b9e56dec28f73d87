/** The examples of batches (examples.ts). */

const batch = {
  id: 'newsletter-42',
  domain: '',
  status: 'sealed',
  total: 2,
  live: 1,
  succeeded: 1,
  failed: 0,
  canceled: 0,
  on: { ended: { worker: 'report', url: '', queue: 'default', name: '' } },
  callbacks: [],
  createdAt: '2026-02-16T11:05:03.104Z',
  endedAt: null,
  version: 3,
};
const ended = {
  ...batch,
  ...{ status: 'ended', live: 0, succeeded: 2, endedAt: '2026-02-16T11:05:09.331Z' },
  callbacks: [{ on: 'ended', job: '942130478012362752', state: 'queued' }],
};
const added = { ...batch, live: 2, succeeded: 0, jobs: ['942130478012362750', '942130478012362751'], unserved: [] };
const one = { answers: { 200: batch } };

export const batchExamples = {
  listBatches: { answers: { 200: { batches: [ended], next: null } } },
  addBatch: {
    bodies: [
      {
        summary: 'Two jobs, and one behind them',
        value: {
          id: 'newsletter-42',
          jobs: [
            { worker: 'mail', payload: { to: 'a@example.com' } },
            { worker: 'mail', payload: { to: 'b@example.com' } },
          ],
          on: { ended: { worker: 'report' } },
        },
        status: 201,
      },
      {
        summary: 'An open one',
        value: { open: true, on: { failed: { url: 'http://127.0.0.1:8000/failed' } } },
        status: 201,
      },
    ],
    answers: { 200: added, 201: added },
  },
  getBatch: { answers: { 200: ended } },
  pushToBatch: {
    bodies: [{ summary: 'One more', value: { jobs: [{ worker: 'mail', payload: { to: 'c@example.com' } }] }, status: 200 }],
    answers: { 200: added },
  },
  sealBatch: one,
  cancelBatch: one,
  deleteBatch: { answers: {} },
};
