/**
 * Whether a node is critical: its machine has too little left for more work, so that it claims nothing and gives its tasks away until it has
 * recovered. The thresholds are HATS's `cpu-threshold` and `mem-threshold`.
 */

/** Of the machine, or of what this process may use of it, in whole percent; `null`: it does not tell. */
export interface MachineUse {
  /** Processes that ran or waited to run, on the average of the last minute, for each processor: above 100 some wait. */
  readonly cpu: number | null;
  readonly memory: number | null;
}

/** In percent; `null`: none. */
export type HealthThresholds = MachineUse;

export interface NodeHealth extends MachineUse {
  readonly isCritical: boolean;
}

export const untoldHealth: NodeHealth = { cpu: null, memory: null, isCritical: false };

/** A critical node recovers this far below its threshold, in points of percent, so that one at the threshold does not change to and fro. */
export const recoversBelow = 5;

export const machineMeasures = ['cpu', 'memory'] as const;

/** What is above its threshold, or, for a node that is critical already, not clearly below it. */
export function overThreshold(
  use: MachineUse,
  thresholds: HealthThresholds,
  wasCritical: boolean,
): readonly (typeof machineMeasures)[number][] {
  return machineMeasures.filter((measure) => {
    const [used, threshold] = [use[measure], thresholds[measure]];
    return used !== null && threshold !== null && used > threshold - (wasCritical ? recoversBelow : 0);
  });
}
