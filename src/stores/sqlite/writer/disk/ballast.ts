/**
 * A file that only takes up space. When the disk is full it is removed, so that what is running can still be settled; it
 * is put back when there is space again, and until then nothing new is taken, so that its space serves nothing else. It is a
 * reserve, so nothing that is wrong with it keeps the store from its work; what somebody puts in its place is left alone.
 */
import { closeSync, fsyncSync, lstatSync, openSync, rmSync, type Stats, statfsSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { makeOwnFile } from '../../file/own-rights.ts';

export interface Ballast {
  /** Frees its space; answers whether there was any. Never throws. */
  drop(): boolean;
  /** Puts it back if the disk has twice its space. Never throws: without it the store works as well. */
  restore(): void;
  /** Whether it was dropped and is not back. Looks for space first, at most once a second. */
  isMissing(): boolean;
}

const lookEvery = 1_000;
const piece = new Uint8Array(1024 * 1024);

/** @param bytes `0`: none */
export function makeBallast(file: string, bytes: number): Ballast {
  let missing = false;
  let lookedAt = 0;

  function restore(): void {
    lookedAt = performance.now();
    const there = statsOf(file);
    if (there !== undefined && !there.isFile()) {
      missing = false;
      return;
    }
    try {
      if (sizeOf(file) < bytes && freeSpace(file) > 2 * bytes) fill(file, bytes);
      if (sizeOf(file) >= bytes) missing = false;
    } catch {
      remove(file);
    }
  }

  return {
    drop() {
      if (sizeOf(file) === 0 || !remove(file)) return false;
      missing = true;
      return true;
    },
    restore,
    isMissing() {
      if (missing && performance.now() - lookedAt > lookEvery) restore();
      return missing;
    },
  };
}

/** `undefined`: nothing is there, or nobody can look. */
function statsOf(file: string): Stats | undefined {
  try {
    return lstatSync(file, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

function sizeOf(file: string): number {
  const stats = statsOf(file);
  return stats?.isFile() === true ? stats.size : 0;
}

function remove(file: string): boolean {
  try {
    rmSync(file, { force: true });
    return true;
  } catch {
    return false;
  }
}

function freeSpace(file: string): number {
  const { bavail, bsize } = statfsSync(dirname(file));
  return bavail * bsize;
}

/** Written, not only declared: a sparse file would hold no space. */
function fill(file: string, bytes: number): void {
  makeOwnFile(file);
  const descriptor = openSync(file, 'w');
  try {
    for (let written = 0; written < bytes; ) written += writeSync(descriptor, piece, 0, Math.min(piece.length, bytes - written));
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}
