/** Where log lines go: written in the background, bounded, and never a reason to fail. */
import { closeSync, constants, fchmodSync, openSync, statSync, write } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import { HatstandError, messageOf } from '../core/errors.ts';
import { own } from '../core/rights.ts';

export interface LogOutput {
  write(line: string): void;
  /** Opens the file anew, for log rotation; nothing for stdout. */
  reopen(): void;
  /** Writes what is left, for at most a second. */
  close(): Promise<void>;
}

/** Characters that may wait to be written; further lines are dropped. */
const maxWaiting = 8 * 1024 * 1024;
const closeWithin = 1_000;
/** How long a full pipe gets before the next try. */
const retryAfter = 20;
const stdout = 1;
const writeBytes = promisify(write);

/**
 * @param file `null`: stdout
 * @param key names the file in the error
 * @throws `invalid_config` when the file cannot be opened now; later faults (a full disk, a closed pipe) lose lines and
 *   are told on stderr, once each
 */
export function openLogOutput(file: string | null, key: string): LogOutput {
  let fd = file === null ? stdout : openFile(file, key);
  let waiting: string[] = [];
  let size = 0;
  let drained = Promise.resolve();
  let writing = false;
  let reopening = false;
  let told = '';

  function tell(error: unknown): void {
    const message = `hatstand: the log cannot be written to ${file ?? 'stdout'}: ${messageOf(error)}\n`;
    if (message !== told) process.stderr.write(message);
    told = message;
  }

  async function drain(): Promise<void> {
    writing = true;
    // What is logged in one turn travels in one write.
    await new Promise(setImmediate);
    while (waiting.length > 0 || reopening) {
      if (reopening) swapFile();
      const lines = waiting.join('');
      waiting = [];
      size = 0;
      await writeAll(fd, Buffer.from(lines)).catch(tell);
    }
    writing = false;
  }

  function swapFile(): void {
    reopening = false;
    if (file === null) return;
    try {
      const next = openToAppend(file);
      closeSync(fd);
      fd = next;
      told = '';
    } catch (error) {
      tell(error);
    }
  }

  function wake(): void {
    if (!writing) drained = drain();
  }

  return {
    write(line) {
      if (size + line.length > maxWaiting) return;
      waiting.push(line);
      size += line.length;
      wake();
    },
    reopen() {
      reopening = true;
      wake();
    },
    async close() {
      await Promise.race([drained, delay(closeWithin, undefined, { ref: false })]);
      if (file !== null && !writing) closeSync(fd);
    },
  };
}

async function writeAll(fd: number, bytes: Buffer): Promise<void> {
  for (let at = 0; at < bytes.length; ) {
    try {
      const { bytesWritten } = await writeBytes(fd, bytes, at);
      at += bytesWritten;
    } catch (error) {
      if (!(error instanceof Error && 'code' in error && error.code === 'EAGAIN')) throw error;
      await delay(retryAfter);
    }
  }
}

function openFile(file: string, key: string): number {
  try {
    return openToAppend(file);
  } catch (error) {
    throw new HatstandError('invalid_config', `${key} must be a file that can be written: ${reasonOf(error, file)}`, { key, file });
  }
}

/** Opening a named pipe would otherwise wait for somebody who reads it, and keep the process from starting. */
const appending = constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | constants.O_NONBLOCK;
const isNewFile = constants.O_EXCL;

function openToAppend(file: string): number {
  if (statSync(file, { throwIfNoEntry: false })?.isBlockDevice() === true)
    throw new Error(`${file} is a disk, and lines would be written over it`);
  return openNew(file) ?? openSync(file, appending, own.file);
}

/** For this user alone, whatever the umask; a file that is there keeps the rights that somebody gave it. `null`: it is there. */
function openNew(file: string): number | null {
  try {
    const fd = openSync(file, appending | isNewFile, own.file);
    fchmodSync(fd, own.file);
    return fd;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return null;
    throw error;
  }
}

/** What the system calls "no such device or address". */
function reasonOf(error: unknown, file: string): string {
  if (!(error instanceof Error && 'code' in error && error.code === 'ENXIO')) return messageOf(error);
  const isPipe = statSync(file, { throwIfNoEntry: false })?.isFIFO() === true;
  return isPipe
    ? `${file} is a named pipe that nobody reads. Start its reader first, or name a file`
    : `${file} is a socket, or a device that is not there. Name a file; without one the log goes to stdout`;
}
