/** What scripts ask for that the host does itself. */
import { setTimeout } from 'node:timers/promises';
import { timerDelay } from '../../../core/duration.ts';

export interface LocalContext {
  /** Aborted when the script has ended. */
  readonly signal: AbortSignal;
  /** JSON text, as the node told it last. */
  readonly facts: string;
}

/** Takes its arguments as JSON text and answers JSON text. A rejection is thrown in the script. */
export type Local = (args: string, context: LocalContext) => Promise<string> | string;

export const localCalls: Readonly<Partial<Record<string, Local>>> = {
  facts: (_, { facts }) => facts,
  async sleep(args, { signal }) {
    const [millis] = JSON.parse(args) as readonly unknown[];
    if (typeof millis !== 'number' || !(millis >= 0)) throw new Error(`sleep takes milliseconds from 0 on, not ${String(millis)}`);
    await setTimeout(timerDelay(millis), undefined, { signal });
    return 'null';
  },
};
