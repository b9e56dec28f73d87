/** The methods of the port that are calls: made of the declarations, none by hand. */
import type { PortOf } from '../calls/call.ts';
import { calls, type NamedCall, namedCalls } from '../calls/calls.ts';

type Calls = typeof calls;
export type Port = { readonly [N in keyof Calls]: PortOf<Calls[N]> };

/** @param call takes a call to its thread, and answers what the answer's codec reads */
export function makePort(call: (named: NamedCall, args: readonly unknown[]) => Promise<unknown>): Port {
  const methodsOf = (noun: string): object =>
    Object.fromEntries(
      namedCalls.filter((named) => named.noun === noun).map((named) => [named.method, (...args: readonly unknown[]) => call(named, args)]),
    );
  return Object.fromEntries(Object.keys(calls).map((noun) => [noun, methodsOf(noun)])) as Port;
}
