// The image's health check: asks the server of this container whether it runs, at the address that its own configuration gives.
// Whether its store can be reached is not asked: a node whose Redis is away goes on with its jobs and must not be killed.
import { readFileSync } from 'node:fs';
import { loadConfig } from '../dist/config.js';

/** The command line of the container's first process, or in the file that is named; a container that runs another command than serve is well as long as it runs. */
const line = readFileSync(process.argv[2] ?? '/proc/1/cmdline', 'utf8').replace(/\0+$/, '');
// One that had a secret in it was written anew, with blanks.
const args = line.split(line.includes('\0') ? '\0' : ' ');

const flag = (...names) => {
  for (let at = args.length - 1; at >= 0; at--) {
    for (const name of names) {
      if (args[at] === name) return args[at + 1];
      if (args[at].startsWith(`${name}=`)) return args[at].slice(name.length + 1);
    }
  }
  return undefined;
};

if (!args.includes('serve')) process.exit(0);
const { addr } = loadConfig({ env: process.env, flags: { addr: flag('--addr') }, configFile: flag('-c', '--config-file') });
const host = { '0.0.0.0': '127.0.0.1', '::': '::1' }[addr.host] ?? addr.host;
const address = `http://${host.includes(':') ? `[${host}]` : host}:${addr.port}/livez`;
try {
  const { ok } = await fetch(address, { signal: AbortSignal.timeout(2_000) });
  process.exit(ok ? 0 : 1);
} catch (error) {
  process.stderr.write(`${address}: ${error.cause?.message ?? error.message}\n`);
  process.exit(1);
}
