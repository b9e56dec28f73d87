/** Calls with a deadline: put off while the server asks for it, sent at most once when they write. */
import type { Millis } from '../../../core/duration.ts';
import { HatstandError } from '../../../core/errors.ts';
import { addressText } from '../../../core/redis-url.ts';
import { type Answer, readAnswer, saidText } from './answers.ts';
import type { Argument, Connection, Reply, Sent } from './connection.ts';
import type { Confirmation } from './durability.ts';
import { pause, pauseAfter } from './pause.ts';
import type { Session } from './session.ts';

/** What is sent once a connection is there. */
export interface Call {
  /** For messages. */
  readonly name: string;
  /** It may change something: without a reply nobody knows whether it did. */
  readonly writes: boolean;
  send(connection: Connection, within: Millis): Promise<Sent>;
  /** The same with the script's source, for a server that has forgotten it. `null`: no script. */
  readonly taught: Call | null;
}

/** The server took the script, or the command, and it failed in it: what it did before is done. */
export class ScriptFault extends HatstandError {}

export interface CallOptions {
  readonly session: Session;
  readonly deadline: Millis;
}

/**
 * Waits at most the deadline for a server that takes the call. Once sent, it has what is left of that, but at least half
 * of it: a connection must not be given up because its calls came late.
 */
export async function perform(call: Call, { session, deadline }: CallOptions): Promise<Reply> {
  const until = performance.now() + deadline;
  for (let tries = 0, now: Call = call; ; tries++) {
    const connection = session.current ?? (await session.arrived(until - performance.now()));
    const sent = await now.send(connection, Math.max(until - performance.now(), deadline / 2));
    if (sent.kind === 'reply') return sent.reply;
    if (sent.kind === 'error') {
      const answer = readAnswer(sent.message, connection.address);
      if (answer.kind === 'unknown_script' && now.taught !== null) {
        now = now.taught;
        continue;
      }
      if (answer.kind === 'elsewhere') session.replace(connection, sent.message, answer.at);
      else if (answer.kind !== 'later') throw refusal(call, connection, answer.kind, sent.message);
      const wait = pauseAfter(tries + 1);
      if (performance.now() + wait > until) throw refusal(call, connection, answer.kind, sent.message);
      await pause(wait);
    } else {
      session.replace(connection, sent.reason, null);
      if (sent.kind === 'lost' && call.writes) throw unconfirmed(connection, sent.reason);
      if (performance.now() > until) throw refusal(call, connection, 'later', sent.reason);
    }
  }
}

function refusal(call: Call, connection: Connection, kind: Answer['kind'], message: string): HatstandError {
  const where = `Redis at ${addressText(connection.address)}`;
  const said = saidText(message);
  if (kind === 'full') {
    return new HatstandError('store_full', `${where} has no memory left: ${said}. Raise its maxmemory, or shorten the retention.`);
  }
  if (kind === 'fault' || kind === 'unknown_script') return new ScriptFault('internal', `${where} failed in ${call.name}: ${said}`);
  return new HatstandError('store_unavailable', `${where} takes no calls now: ${said}. Try again.`);
}

function unconfirmed(connection: Connection, reason: string): HatstandError {
  const where = addressText(connection.address);
  const message = `It is not known whether Redis at ${where} did this: ${reason}. Repeat it; a push with the same idempotency key.`;
  return new HatstandError('unconfirmed', message);
}

/** Sends the command and, behind it in the same write, the wait for its replicas. */
export function sendConfirmed(
  connection: Connection,
  [command, args]: readonly [string, readonly Argument[]],
  within: Millis,
  confirmation: Confirmation,
): Promise<Sent> {
  const sending = connection.send(command, args, within);
  if (confirmation === 'none') return sending;
  const time = String(Math.floor(within / 2));
  const confirming =
    confirmation === 'replica' ? connection.send('WAIT', ['1', time], within) : connection.send('WAITAOF', ['1', '1', time], within);
  return confirmed(sending, confirming);
}

async function confirmed(sending: Promise<Sent>, confirming: Promise<Sent>): Promise<Sent> {
  const [sent, wait] = await Promise.all([sending, confirming]);
  if (sent.kind !== 'reply') return sent;
  const replicas = wait.kind === 'reply' ? replicasOf(wait.reply) : 0;
  // It then counts as lost with its connection, so that the next one is checked for replicas before it is used.
  return replicas > 0 ? sent : { kind: 'lost', reason: 'no replica confirmed it in time' };
}

/** `WAIT` answers replicas, `WAITAOF` local disks and replicas. */
function replicasOf(reply: Reply): number {
  return Array.isArray(reply) ? Math.min(...reply.map(Number)) : Number(reply);
}
