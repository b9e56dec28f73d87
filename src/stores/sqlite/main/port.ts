/** The methods of the port that are calls: made of the declarations, none by hand. */

import type { PortOf } from '../calls/call.ts';
import { type calls, type NamedCall, namedCalls } from '../calls/calls.ts';

type Calls = typeof calls;
export type Port = { readonly [N in keyof Calls]: PortOf<Calls[N]> };

/** @param call takes a call to its thread; answers what the declaration's codec reads */
export function makePort(call: (named: NamedCall, args: readonly unknown[]) => Promise<unknown>): Port {
  const methods = namedCalls.map((named) => ({
    noun: named.noun,
    method: [named.name.slice(named.noun.length + 1), (...args: readonly unknown[]) => call(named, args)],
  }));
  const nouns = Map.groupBy(methods, ({ noun }) => noun);
  return Object.fromEntries([...nouns].map(([noun, those]) => [noun, Object.fromEntries(those.map(({ method }) => method))])) as Port;
}
