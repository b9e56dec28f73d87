/** Limits: what is set for keys of jobs (core/limit.ts). Pushes, firings and publishes ask them in their own steps. */
import type { LimitRecord, LimitSettings } from '../../core/limit.ts';
import { frees, looks, type Verbs } from './verb.ts';

export interface LimitStore {
  list(): Promise<readonly LimitRecord[]>;
  /** What its keys have used so far still counts. */
  configure(name: string, settings: LimitSettings): Promise<void>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

export const limitRows: Verbs<LimitStore> = {
  configure: frees(),
  remove: frees(),
  list: looks,
};
