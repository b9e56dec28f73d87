/** Log lines for people: `2026-11-21T23:33:02+09:00 INFO message key=value …`. */

import { visible, visibleJson } from '../core/invisible.ts';

/** RFC 3339 in local time, to the second, as HQ's logs have it. */
export function localTime(time: Date): string {
  const offset = -time.getTimezoneOffset();
  const local = new Date(time.getTime() + offset * 60_000).toISOString().slice(0, 19);
  if (offset === 0) return `${local}Z`;
  const minutes = Math.abs(offset);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${local}${offset < 0 ? '-' : '+'}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`;
}

/** Numbers, truth values and plain words as they are, everything else as JSON on one line. */
function shown(value: unknown): string {
  if (typeof value === 'string' && /^[^\s"=]+$/.test(value) && visible(value) === value) return value;
  const told = typeof value === 'object' && value !== null && 'message' in value ? value.message : value;
  return visibleJson(String(JSON.stringify(told)));
}

/** A stack stands on lines of its own, below. */
export function logLine(time: Date, level: string, name: string, { stack, ...fields }: Readonly<Record<string, unknown>>): string {
  const facts = Object.entries(fields).map(([key, value]) => ` ${key}=${shown(value)}`);
  const below = typeof stack === 'string' && stack !== '' ? `\n${stack.replace(/^/gm, '    ').replace(/[^\n]+/g, visible)}` : '';
  return `${localTime(time)} ${level.toUpperCase()} ${name}${facts.join('')}${below}\n`;
}

/** From one line of pino's JSON. */
export function textLine(json: string): string {
  const { time, level, msg, pid: _, ...fields } = JSON.parse(json) as Record<string, unknown>;
  return logLine(new Date(String(time)), String(level), String(msg), fields);
}
