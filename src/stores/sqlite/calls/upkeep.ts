/** The calls of upkeep. */
import type { UpkeepStore } from '../../../ports/store/upkeep.ts';
import type { CallsOf } from './call.ts';
import { args, fields, flag, json, list, number, numberOrNull, text, textOrNull } from './codec.ts';

const unreadable = fields({ id: text, at: number, reason: text, raw: text });

export const upkeepCalls = {
  sweep: {
    thread: 'writer',
    args: args(fields({ ended: numberOrNull, journal: number, told: numberOrNull, idempotency: number, output: number, limit: number })),
    answer: fields({ jobs: number, entries: number, keys: number, definitions: number, outputs: number, more: flag }),
  },
  scrub: {
    thread: 'writer',
    args: args(textOrNull, number),
    answer: fields({ next: textOrNull, checked: number, repaired: json<Readonly<Record<string, number>>>() }),
  },
  setAside: { thread: 'writer', args: args(text, text), answer: flag },
  unreadable: {
    thread: 'writer',
    args: args(textOrNull, number),
    answer: fields({ records: list(unreadable), next: textOrNull, total: number }),
  },
  discard: { thread: 'writer', args: args(text), answer: flag },
  time: { thread: 'writer', args: args(), answer: fields({ now: number, ahead: number, sweepsIn: number }) },
} satisfies CallsOf<UpkeepStore>;
