import type { StopReason } from '../ports/executor.ts';

/** Why an attempt ends; `handover`: its task is to go on elsewhere; `ended`: it has said that its task ends. */
export type EndReason = StopReason | 'handover' | 'ended';
