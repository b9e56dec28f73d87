/** Limits: what is set for keys of jobs (core/limit.ts). Pushes, firings and publishes ask them in their own steps. */
import type { LimitRecord, LimitSettings } from '../../core/limit.ts';
import { frees, looks, type Verbs } from './verb.ts';

export type Configured =
  /** As it stands now. */
  | { readonly kind: 'configured'; readonly limit: LimitRecord }
  /** Nothing was done: only a new one was asked for, and this one is there. */
  | { readonly kind: 'exists'; readonly limit: LimitRecord }
  /** Nothing was done: there are `mostLimits` (core/limit.ts), and it is none of them. */
  | { readonly kind: 'tooMany' };

export interface LimitStore {
  /** However many jobs run, none is looked at. */
  list(): Promise<readonly LimitRecord[]>;
  /**
   * What its keys have used so far still counts.
   *
   * @param onlyNew one that is there is left as it is; default: no
   */
  configure(name: string, settings: LimitSettings, onlyNew?: boolean): Promise<Configured>;
  /** Answers whether there was one. */
  remove(name: string): Promise<boolean>;
}

export const limitRows: Verbs<LimitStore> = {
  configure: frees(),
  remove: frees(),
  list: looks,
};
