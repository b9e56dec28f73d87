/** The library's log unless it is given another one: warnings and errors on stderr, for people. */
import { writeSync } from 'node:fs';
import type { Logger } from '../ports/logger.ts';
import { logLine } from './log-text.ts';

const stderr = 2;
/** Lines in a second; what is beyond them is counted and told with the next one. */
const mostLines = 50;
const second = 1_000;

/** A line that cannot be written is lost: a log is no reason to fail. */
function writeLine(line: string): void {
  try {
    writeSync(stderr, line);
  } catch {
    // Nobody is left to tell.
  }
}

/** @param write takes each line */
export function makeStderrLog(write: (line: string) => void = writeLine, now: () => number = Date.now): Logger {
  let since = 0;
  let lines = 0;

  function tell(level: string, name: string, fields: Readonly<Record<string, unknown>> = {}): void {
    const time = now();
    if (time - since >= second || time < since) {
      if (lines > mostLines) write(logLine(new Date(time), 'warn', 'log.dropped', { lines: lines - mostLines }));
      since = time;
      lines = 0;
    }
    lines += 1;
    if (lines <= mostLines) write(logLine(new Date(time), level, name, fields));
  }

  return {
    debug: () => undefined,
    info: () => undefined,
    // What is tried again says where it was thrown when it is tried no more.
    warn: (name, { stack: _, ...fields } = {}) => tell('warn', name, fields),
    error: (name, fields) => tell('error', name, fields),
  };
}
