/**
 * Workers elsewhere: their attempts run outside of all nodes, in any program that asks for them. Each has a deadline of its own, which
 * whoever runs it moves on by reporting.
 */
import type { DefinitionKey } from './definition.ts';
import type { Millis } from './duration.ts';
import type { AttemptEnd, AttemptRef } from './job.ts';
import type { Outcome } from './outcome.ts';

export const elsewhereLimits = {
  /** How long an attempt is held from its claim, or from its last report, on. */
  ttl: { least: 1_000, usual: 30_000, longest: 86_400_000 },
  /** Jobs of one claim. */
  jobs: 100,
  /** About how many characters of payloads one claim gives; one job at least. */
  characters: 8 * 1024 * 1024,
  /** Workers that one poll names, and queues. */
  names: 100,
  /** Jobs that one report pushes. */
  pushes: 100,
  /** Polls that wait at one node. */
  polls: 1_000,
} as const satisfies Readonly<Record<string, number | Readonly<Record<string, Millis>>>>;

/** Of these workers nobody elsewhere claims jobs: nodes send HTTP jobs themselves, and a job of a client is begun by its trigger. */
export const clientWorker = 'client';
export const reservedWorkers = ['http', clientWorker] as const;

/** As a store knows whoever holds attempts under this name. Incarnations of nodes end with a digit, so that none is equal to it. */
export const elsewhereHolder = (name: string): string => `${name}@elsewhere`;

/** Under which the cluster keeps the key of capabilities. It leaves the cluster by no export, and comes by no import. */
export const capabilityKey: DefinitionKey = { kind: 'secret', domain: '', key: 'attempts' };
export const isCapabilityKey = ({ kind, domain, key }: DefinitionKey): boolean =>
  kind === capabilityKey.kind && domain === capabilityKey.domain && key === capabilityKey.key;

/** What a capability proves: that this attempt was claimed by this holder. No two attempts, and no two holders, have the same text. */
export const provenBy = ({ id, fence }: AttemptRef, holder: string): string => `${id}.${fence}.${holder}`;

/** How an attempt stands in its history that was settled so: also one that was told to stop. */
const endsOf: Readonly<Record<Outcome['kind'], readonly AttemptEnd[]>> = {
  succeeded: ['succeeded'],
  failed: ['failed', 'canceled'],
  skipped: ['canceled'],
  returned: ['returned', 'canceled'],
  deferred: ['canceled'],
};

/** Whether an attempt that ended so may have been settled by this outcome, whose answer was lost. */
export const isEndOf = (outcome: Outcome, end: AttemptEnd): boolean => endsOf[outcome.kind].includes(end);
