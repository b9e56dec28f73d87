/** The access log: HQ's, with its fields between blanks; or JSON, where it shares its place with a log of JSON. */
import { goDuration } from '../core/go-duration.ts';
import { localTime } from './log-text.ts';

export interface Access {
  readonly remoteIp: string;
  readonly host: string;
  readonly method: string;
  /** Path and query as they came. */
  readonly uri: string;
  readonly status: number;
  /** Milliseconds. */
  readonly latency: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** A blank or a line break that a client sent must not make a field or a line of its own. */
const field = (text: string): string => (text === '' ? '-' : text.replace(/[\s\p{Cc}]/gu, (char) => encodeURIComponent(char)));

/** `2026-11-21T23:35:18Z 127.0.0.1 127.0.0.1:19911 POST /job 200 1728790 1.72879ms 37 353` */
export function accessLine(access: Access, finished: Date): string {
  const nanoseconds = Math.round(access.latency * 1e6);
  const latency = `${nanoseconds} ${goDuration(nanoseconds)}`;
  const who = `${field(access.remoteIp)} ${field(access.host)}`;
  const what = `${field(access.method)} ${field(access.uri)} ${access.status}`;
  return `${localTime(finished)} ${who} ${what} ${latency} ${access.bytesIn} ${access.bytesOut}\n`;
}

/** The same as a line of the log is. */
export function accessJson({ latency, ...access }: Access, finished: Date, pid: number): string {
  const facts = { ...access, latencyMs: Math.round(latency * 1e3) / 1e3 };
  return `${JSON.stringify({ level: 'info', time: finished.toISOString(), pid, ...facts, msg: 'http.request' })}\n`;
}
