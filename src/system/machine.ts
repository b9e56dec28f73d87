import { availableParallelism, loadavg, platform, totalmem } from 'node:os';
import type { Machine } from '../ports/machine.ts';

/** Of a container what it may use, of a machine all. */
export const systemMachine: Machine = {
  use: () => ({ cpu: cpuUse(), memory: memoryUse() }),
};

function cpuUse(): number | null {
  // Windows knows no such average, and Node then tells 0.
  if (platform() === 'win32') return null;
  return Math.round((100 * (loadavg()[0] ?? 0)) / availableParallelism());
}

function memoryUse(): number {
  // Without a bound the constrained memory is 0, or a number beyond any machine's.
  const bound = process.constrainedMemory();
  const total = bound > 0 ? Math.min(bound, totalmem()) : totalmem();
  return Math.round(100 * Math.min(1, Math.max(0, 1 - process.availableMemory() / total)));
}
