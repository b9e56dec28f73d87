import { expect, it } from 'vitest';
import { jobText } from './url-job.ts';

it('has what was given and nothing else, with the payload as it was written', () => {
  expect(JSON.parse(jobText(undefined, { worker: 'w', forwardLogs: true, priority: 2 }))).toEqual({
    worker: 'w',
    forwardLogs: true,
    priority: 2,
  });
  expect(jobText('http://a/', { payload: '{ "n": 1.0 }' })).toBe('{"url":"http://a/","payload":{ "n": 1.0 }}');
});
