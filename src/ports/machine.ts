import type { MachineUse } from '../core/node-health.ts';

/** The machine under this process. */
export interface Machine {
  /** Now; cheap enough for every second. Never throws. */
  use(): MachineUse;
}
