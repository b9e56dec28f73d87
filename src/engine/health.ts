/** Whether this node is critical, looked at now and then; told to the others at once when that changes. */
import type { Millis } from '../core/duration.ts';
import { type HealthThresholds, type NodeHealth, overThreshold, untoldHealth } from '../core/node-health.ts';
import type { Logger } from '../ports/logger.ts';
import type { Machine } from '../ports/machine.ts';
import type { Phase } from './phase.ts';

export interface Health {
  readonly every: Millis;
  now(): NodeHealth;
  /** Whether this node is in a phase of its life to claim, and not critical. */
  mayClaim(): boolean;
  /** Looks at the machine. */
  tick(): Promise<void>;
}

/** What a node is told of its machine. */
export interface HealthOptions {
  readonly machine: Machine;
  readonly thresholds: HealthThresholds;
  /** How often it looks. */
  readonly every: Millis;
}

export interface HealthParts {
  /** `null`: nothing is known of the machine, and the node is never critical. */
  readonly health: HealthOptions | null;
  readonly log: Logger;
  readonly phase: Phase;
  /** It has become critical, or recovered. */
  onChange(): void;
}

export function makeHealth({ health, log, phase, onChange }: HealthParts): Health {
  let now = untoldHealth;
  return {
    every: health?.every ?? 60_000,
    now: () => now,
    mayClaim: () => phase.may('claim') && !now.isCritical,
    async tick() {
      if (health === null) return;
      const before = now;
      const use = health.machine.use();
      const over = overThreshold(use, health.thresholds, before.isCritical);
      now = { ...use, isCritical: over.length > 0 };
      if (now.isCritical === before.isCritical) return;
      const told = { ...use, thresholds: health.thresholds };
      if (now.isCritical) log.warn('node.critical', { over, ...told, hint: criticalHint });
      else log.info('node.recovered', told);
      onChange();
    },
  };
}

const criticalHint = 'It claims no more jobs and gives its tasks to other nodes until its machine has recovered.';
