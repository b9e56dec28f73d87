// A lock between processes: a folder that holds one file, named by its owner. The folder appears with its file in one
// rename, and a dead owner's file is renamed to the next owner's name, which only one of many can do.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Failure } from '../failure.mjs';
import { cache } from '../paths.mjs';

const patience = 15 * 60_000;

/** Does the work while no other process does its own under the same name. */
export async function withLock(name, work) {
  const folder = join(cache, `${name}.lock`);
  const me = ownerOf(process.pid);
  await acquire(folder, me);
  try {
    return await work();
  } finally {
    release(folder, me);
  }
}

async function acquire(folder, me) {
  const since = performance.now();
  let told = false;
  while (!tryAcquire(folder, me)) {
    const waited = performance.now() - since;
    if (waited > patience) throw new Failure(`Another process holds ${folder}. Delete that folder if there is none.`);
    if (waited > 2_000 && !told) {
      told = true;
      process.stderr.write('Another process is setting up; waiting for it …\n');
    }
    await pause(100);
  }
}

function tryAcquire(folder, me) {
  const made = `${folder}.${me}`;
  mkdirSync(made, { recursive: true });
  writeFileSync(join(made, me), '');
  try {
    // Onto an empty folder it succeeds, onto one with an owner it does not.
    renameSync(made, folder);
    return true;
  } catch {
    rmSync(made, { recursive: true, force: true });
  }
  try {
    const owner = readdirSync(folder)[0];
    if (owner === undefined || ownerOf(Number.parseInt(owner, 10)) === owner) return false;
    renameSync(join(folder, owner), join(folder, me));
    return true;
  } catch {
    return false;
  }
}

function release(folder, me) {
  rmSync(join(folder, me), { force: true });
  try {
    rmdirSync(folder);
  } catch {
    // Somebody else has it already.
  }
}

/** The process id, and on Linux when it started: ids are used again. `''` when there is no such process. */
function ownerOf(pid) {
  try {
    process.kill(pid, 0);
  } catch (error) {
    if (error.code === 'ESRCH') return '';
  }
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return `${pid}-${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`;
  } catch {
    return `${pid}`;
  }
}
