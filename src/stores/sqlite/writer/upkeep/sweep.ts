/** Retention: what is old enough leaves the file, a bounded piece in one step. Each noun gives its part. */
import type { Retention, Swept } from '../../../../ports/store/upkeep.ts';
import type { WriterHandlers } from '../../calls/calls.ts';
import type { State } from '../state.ts';

/** Answers how many records it removed or cut, and whether there are more to look at. */
export type SweepPart = (retention: Retention) => { readonly count: number; readonly more: boolean };

/** One for each kind that the port counts. */
export type SweepParts = Readonly<Record<Exclude<keyof Swept, 'more'>, SweepPart>>;

const nothing = { jobs: 0, entries: 0, keys: 0, definitions: 0, outputs: 0, more: false };

export function makeSweep({ clock }: Pick<State, 'clock'>, parts: SweepParts): WriterHandlers['upkeep']['sweep'] {
  return (retention) => {
    if (clock.believedIn() > 0) return nothing;
    const jobs = parts.jobs(retention);
    const entries = parts.entries(retention);
    const keys = parts.keys(retention);
    const definitions = parts.definitions(retention);
    const outputs = parts.outputs(retention);
    return {
      ...{ jobs: jobs.count, entries: entries.count, keys: keys.count, definitions: definitions.count, outputs: outputs.count },
      more: jobs.more || entries.more || keys.more || definitions.more || outputs.more,
    };
  };
}
