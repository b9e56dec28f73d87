/** Runs a script of the store; one that fails goes again, carefully, since it may be what somebody wrote into Redis that it fails at. */
import { type Argument, type Driver, type Reply, ScriptFault } from '../driver/driver.ts';
import type { StoreScript } from './scripts.ts';

export async function runScript(
  driver: Pick<Driver, 'run'>,
  script: StoreScript,
  keys: readonly string[],
  args: readonly Argument[],
): Promise<Reply> {
  try {
    return await driver.run(script, keys, args);
  } catch (error) {
    if (!(error instanceof ScriptFault)) throw error;
    return driver.run(script.careful(), keys, args);
  }
}
