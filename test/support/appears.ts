import { on } from 'node:events';
import { existsSync, watch } from 'node:fs';
import { dirname } from 'node:path';

/** Resolves once there is a file of this name; its folder must exist. */
export async function appears(path: string): Promise<void> {
  const watcher = watch(dirname(path));
  try {
    const changes = on(watcher, 'change');
    while (!existsSync(path)) await changes.next();
  } finally {
    watcher.close();
  }
}
