/** Scripts and plain reads as calls. */
import { createHash } from 'node:crypto';
import type { Millis } from '../../../core/duration.ts';
import { type Call, sendConfirmed } from './calls.ts';
import type { Argument, Connection, Sent } from './connection.ts';
import type { Confirmation } from './durability.ts';

export interface Script {
  /** For messages. */
  readonly name: string;
  /** Long, and put together each time that it is asked for: there are hundreds, each of which is needed once a connection. */
  readonly source: string;
  /** It may change something: then a lost reply is `unconfirmed`. */
  readonly writes: boolean;
}

type MakeScriptCall = (script: Script, keys: readonly string[], args: readonly Argument[]) => Call;

/**
 * The first call of a script over a connection brings its source: a server that had to ask for it would do what comes behind
 * it first.
 *
 * @param guards keys that every script names besides its own, behind them
 */
export function makeScriptCalls(confirmation: Confirmation, guards: readonly string[]): MakeScriptCall {
  const digests = new WeakMap<Script, string>();
  const broughtOver = new WeakMap<Connection, Set<string>>();

  /** Whether the source went over this connection before; it does now. */
  function wasBrought(digest: string, connection: Connection): boolean {
    const brought = broughtOver.get(connection) ?? new Set();
    broughtOver.set(connection, brought);
    if (brought.has(digest)) return true;
    brought.add(digest);
    return false;
  }

  return (script, keys, args) => {
    const { name, writes } = script;
    const send = (connection: Connection, within: Millis, [command, first]: readonly [string, string]): Promise<Sent> => {
      const all = [first, String(keys.length + guards.length), ...keys, ...guards, ...args];
      return sendConfirmed(connection, [command, all], within, writes ? confirmation : 'none');
    };
    const taught: Call = { name, writes, send: (connection, within) => send(connection, within, ['EVAL', script.source]), taught: null };
    return {
      ...taught,
      send(connection, within) {
        const known = digests.get(script);
        if (known !== undefined)
          return send(connection, within, wasBrought(known, connection) ? ['EVALSHA', known] : ['EVAL', script.source]);
        const { source } = script;
        const digest = createHash('sha1').update(source).digest('hex');
        digests.set(script, digest);
        // Another script may have the same text.
        return send(connection, within, wasBrought(digest, connection) ? ['EVALSHA', digest] : ['EVAL', source]);
      },
      taught,
    };
  };
}

export function readCall(command: string, args: readonly Argument[]): Call {
  return { name: command, writes: false, send: (connection, within) => connection.send(command, args, within), taught: null };
}
