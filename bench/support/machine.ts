import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem } from 'node:os';

/** What the figures were taken on, in one line. */
export function machine(): string {
  const model = cpus()[0]?.model.trim() ?? 'an unknown processor';
  const memory = Math.round(totalmem() / 2 ** 30);
  const load = loadavg()[0] ?? 0;
  return `${availableParallelism()} × ${model}, ${memory} GiB, Linux ${release()}, Node ${process.versions.node}, load ${load.toFixed(1)} (${commit()})`;
}

function commit(): string {
  try {
    const head = readFileSync(new URL('../../.git/HEAD', import.meta.url), 'utf8').trim();
    const ref = /^ref: (.+)$/.exec(head)?.[1];
    const id = ref === undefined ? head : readFileSync(new URL(`../../.git/${ref}`, import.meta.url), 'utf8').trim();
    return id.slice(0, 10);
  } catch {
    return 'no commit';
  }
}
