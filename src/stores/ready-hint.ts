/** The hint that there may be something to claim, as a step makes it. */
import type { Hint } from '../ports/store/store.ts';

/** Workers that are told by name. */
const mostTold = 32;

/**
 * `null`: there is nothing to tell.
 *
 * @param anyway of any worker there may be something
 */
export function readyHint(workers: ReadonlySet<string>, anyway: boolean): Extract<Hint, { readonly kind: 'ready' }> | null {
  if (!anyway && workers.size === 0) return null;
  return { kind: 'ready', workers: anyway || workers.size > mostTold ? null : [...workers] };
}
