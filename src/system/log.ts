/** The process's log and access log. */
import { pino, stdSerializers, stdTimeFunctions } from 'pino';
import type { Logger } from '../ports/logger.ts';
import { type Access, accessJson, accessLine } from './access-log.ts';
import { type LogOutput, openLogOutput } from './log-output.ts';
import { textLine } from './log-text.ts';

export interface LogOptions {
  readonly level: 'debug' | 'info' | 'warn' | 'error' | 'off';
  /** `null`: stdout. */
  readonly file: string | null;
  /** `null`: stdout, but on a terminal only when the level is debug. Beside a log of JSON its lines are JSON too. */
  readonly accessFile: string | null;
  /** Whether stdout is a terminal: text for people instead of JSON. */
  readonly terminal: boolean;
}

export interface Log {
  readonly logger: Logger;
  /** Writes a line of the access log; `null` when there is none. */
  readonly access: ((access: Access) => void) | null;
  /** Opens the files anew, for log rotation. */
  reopen(): void;
  /** Writes what is left. */
  close(): Promise<void>;
}

/** Throws `invalid_config` when a file cannot be opened. */
export function openLog(options: LogOptions): Log {
  const main = openLogOutput(options.file, 'log_file');
  const access = accessOutput(options, main);
  const lineOf = access === main && !isText(options) ? (seen: Access, at: Date): string => accessJson(seen, at, process.pid) : accessLine;
  const outputs = access === null || access === main ? [main] : [main, access];
  return {
    logger: makeLogger(options, main),
    access: access === null ? null : (seen) => access.write(lineOf(seen, new Date())),
    reopen() {
      for (const output of outputs) output.reopen();
    },
    close: async () => {
      await Promise.all(outputs.map((output) => output.close()));
    },
  };
}

function accessOutput({ file, accessFile, terminal, level }: LogOptions, main: LogOutput): LogOutput | null {
  if (accessFile !== null && accessFile === file) return main;
  if (accessFile !== null) return openLogOutput(accessFile, 'access_log_file');
  if (terminal && level !== 'debug') return null;
  return file === null ? main : openLogOutput(null, 'access_log_file');
}

const isText = ({ terminal, file }: LogOptions): boolean => terminal && file === null;

function makeLogger(options: LogOptions, output: LogOutput): Logger {
  const { level } = options;
  const asText = isText(options);
  const log = pino(
    {
      level: level === 'off' ? 'silent' : level,
      base: { pid: process.pid },
      timestamp: stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { error: (value: unknown) => (value instanceof Error ? stdSerializers.err(value) : value) },
    },
    { write: (line: string) => output.write(asText ? textLine(line) : line) },
  );
  return {
    debug: (name, fields = {}) => log.debug(fields, name),
    info: (name, fields = {}) => log.info(fields, name),
    warn: (name, fields = {}) => log.warn(fields, name),
    error: (name, fields = {}) => log.error(fields, name),
  };
}
