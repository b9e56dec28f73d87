/**
 * A file that only takes up space. When the disk is full it is removed, so that what is running can still be settled; it
 * is put back when there is space again.
 */
import { closeSync, fsyncSync, openSync, rmSync, statfsSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface Ballast {
  /** Frees its space; answers whether there was any. */
  drop(): boolean;
  /** Puts it back if the disk has twice its space. Never throws: without it the store works as well. */
  restore(): void;
}

const piece = new Uint8Array(1024 * 1024);

/** @param bytes `0`: none */
export function makeBallast(file: string, bytes: number): Ballast {
  return {
    drop() {
      if (sizeOf(file) === 0) return false;
      rmSync(file, { force: true });
      return true;
    },
    restore() {
      try {
        if (sizeOf(file) < bytes && freeSpace(file) > 2 * bytes) fill(file, bytes);
      } catch {
        rmSync(file, { force: true });
      }
    },
  };
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}

function freeSpace(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** Written, not only declared: a sparse file would hold no space. */
function fill(file: string, bytes: number): void {
  const descriptor = openSync(file, 'w');
  try {
    for (let written = 0; written < bytes; ) written += writeSync(descriptor, piece, 0, Math.min(piece.length, bytes - written));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
