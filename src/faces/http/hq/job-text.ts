/** HQ's job object: 19 keys in alphabetical order. Written by hand: every push answers with one. */
import type { Job } from '../../../core/job.ts';
import { compactJson } from '../../../core/json.ts';
import { shownHeaders, shownUrl } from '../../../core/secret.ts';
import { isWaiting, statusWords } from './status.ts';
import { escapeHtml, quote, timestamp } from './text.ts';

/** @param fresh it answers a push or restart: HQ then shows `unfinished`, neither waiting nor running */
export function jobText(job: Job, fresh = false): string {
  const { state, result } = job;
  const running = !fresh && (state === 'running' || state === 'stopping');
  const text =
    `{"canceled":${state === 'stopping' || state === 'canceled'}` +
    `,"comment":${quote(job.comment)}` +
    `,"createdAt":"${timestamp(job.createdAt)}"` +
    `,"err":${quote(result.error)}` +
    `,"failure":${state === 'failed'}` +
    `,"finishedAt":${timeText(job.endedAt)}` +
    `,"headers":${headersText(job.headers === null ? null : shownHeaders(job.headers))}` +
    `,"id":"${job.id}"` +
    `,"name":${quote(job.name)}` +
    `,"output":${quote(result.output)}` +
    `,"payload":${job.payload === null ? 'null' : escapeHtml(compactJson(job.payload))}`;
  return (
    `${text},"running":${running}` +
    `,"startedAt":${timeText(job.startedAt)}` +
    `,"status":"${fresh ? 'unfinished' : statusWords[state]}"` +
    `,"statusCode":${result.statusCode}` +
    `,"success":${state === 'succeeded'}` +
    `,"timeout":${Math.ceil((job.options.timeout ?? 0) / 1_000)}` +
    `,"url":${quote(shownUrl(job.url))}` +
    `,"waiting":${!fresh && isWaiting(state)}}`
  );
}

const timeText = (time: number | null): string => (time === null ? 'null' : `"${timestamp(time)}"`);

function headersText(headers: Job['headers']): string {
  if (headers === null) return 'null';
  const sorted = Object.entries(headers).sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${sorted.map(([name, value]) => `${quote(name)}:${quote(value)}`).join(',')}}`;
}
