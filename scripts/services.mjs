// Programs that tests and check use and that npm does not bring.
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { Failure } from './failure.mjs';
import { capture, step } from './step.mjs';

/** By Debian's package; the first word is the program that shows whether it is there. */
const services = [
  { program: 'chromium', needs: 'chromium' },
  { program: 'openssl', needs: 'openssl' },
  { program: 'python3', needs: 'python3' },
  { program: 'redis-server', needs: 'redis-server' },
  { program: 'strace', needs: 'strace' },
];

/** Programs that the check uses. */
export const linters = [{ program: 'luacheck', needs: 'lua-check' }];

export function isThere(program) {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** Installs what is missing by apt, which takes root; a Failure with the command to run otherwise. */
export async function bringServices(wanted = services) {
  const missing = wanted.filter(({ program }) => !isThere(program)).map(({ needs }) => needs);
  if (missing.length === 0) return;
  const command = `apt-get install -y --no-install-recommends ${missing.join(' ')}`;
  if (process.getuid?.() !== 0 || !isThere('apt-get')) {
    throw new Failure(`These programs are needed and are not installed: ${missing.join(', ')}. On Debian: sudo ${command}`);
  }
  // RUNLEVEL=1 keeps Debian from starting what it installs.
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' };
  await step(`${missing.join(', ')} from Debian`, async () => {
    await capture('apt-get', ['update', '-qq'], { env });
    await capture('apt-get', command.split(' ').slice(1), { env });
  });
}
