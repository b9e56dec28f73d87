/** A claim on its way to the writer. It answers rows: only the main thread makes jobs of them. */
import type { ClaimRequest, Want } from '../../../ports/store/jobs.ts';
import { type Codec, list } from './codec.ts';

/** What a holder can start, as the writer looks at it; `queues` null: any. */
export interface AskedWant {
  readonly worker: string;
  readonly slots: number;
  readonly queues: ReadonlySet<string> | null;
}

/** Who claims, and by which operation. */
export type Claimer = Pick<ClaimRequest, 'operation' | 'holder' | 'attemptTtl'>;

export interface AskedClaim extends Claimer {
  readonly wants: readonly AskedWant[];
}

const want: Codec<Want, AskedWant> = {
  write(cells, { worker, slots, queues }) {
    cells.push(worker, slots, queues === 'any' ? 0 : 1);
    if (queues !== 'any') cells.push(queues.length, ...queues);
  },
  read: (tape) => ({
    worker: tape.text(),
    slots: tape.number(),
    queues: tape.flag() ? new Set(tape.list(() => tape.text())) : null,
  }),
};
const wants = list(want);

/** Written when it leaves: that is when a holder says what it wants. */
export const claimRequest: Codec<ClaimRequest, AskedClaim> = {
  write(cells, request) {
    cells.push(request.operation, request.holder, request.attemptTtl);
    wants.write(cells, request.wants());
  },
  read: (tape) => ({ operation: tape.text(), holder: tape.text(), attemptTtl: tape.numberOrNull(), wants: wants.read(tape) }),
};
