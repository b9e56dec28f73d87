/** Scripts and plain reads as calls. */
import { createHash } from 'node:crypto';
import { type Call, sendConfirmed } from './calls.ts';
import type { Argument } from './connection.ts';
import type { Confirmation } from './durability.ts';

export interface Script {
  /** For messages. */
  readonly name: string;
  readonly source: string;
  /** It may change something: then a lost reply is `unconfirmed`. */
  readonly writes: boolean;
}

type MakeScriptCall = (script: Script, keys: readonly string[], args: readonly Argument[]) => Call;

/** `guards`: keys that every script names besides its own, behind them. */
export function makeScriptCalls(confirmation: Confirmation, guards: readonly string[]): MakeScriptCall {
  const digests = new WeakMap<Script, string>();

  function digestOf(script: Script): string {
    const known = digests.get(script) ?? createHash('sha1').update(script.source).digest('hex');
    digests.set(script, known);
    return known;
  }

  return (script, keys, args) => {
    const { name, writes } = script;
    const sending = (command: string, first: string): Call['send'] => {
      return (connection, within) => {
        const all = [first, String(keys.length + guards.length), ...keys, ...guards, ...args];
        return sendConfirmed(connection, [command, all], within, writes ? confirmation : 'none');
      };
    };
    const taught: Call = { name, writes, send: sending('EVAL', script.source), taught: null };
    return { name, writes, send: sending('EVALSHA', digestOf(script)), taught };
  };
}

export function readCall(command: string, args: readonly Argument[]): Call {
  return { name: command, writes: false, send: (connection, within) => connection.send(command, args, within), taught: null };
}
