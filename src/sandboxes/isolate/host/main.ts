/**
 * A script host: a process that runs scripts for one node, each in an isolate of its own, and knows nothing else. It ends itself when
 * its node is gone.
 */
import { writeFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import type { Millis } from '../../../core/duration.ts';
import { messageOf } from '../../../core/errors.ts';
import { faultOf, type ScriptEnd } from '../../../core/script-run.ts';
import type { ConsoleLevel } from '../../../ports/sandbox.ts';
import type { Left, News, Order } from '../messages.ts';
import { Asked } from './asked.ts';
import { Lines } from './lines.ts';
import { Program } from './program.ts';

const beatEvery: Millis = 100;
/** Of nobody, on all systems that we know. */
const nobody = 65_534;
const lowPriority = 10;
/** Of one processor: who uses less of it is not told to be computing. */
const leastShare = 0.05;
/** Of Linux, from 0 to 1,000: who goes first when the machine has no memory left. */
const firstToGo = '800';

const programs = new Map<number, Program>();
const asked = new Asked((news) => tell(news));

const tell = (news: News): void => void process.send?.(news);
const endNow = (): void => void process.kill(process.pid, 'SIGKILL');

/** Everything is loaded: nothing needs the rights of the node any more. */
function giveUpRights(): void {
  setPriority(lowPriority);
  if (process.platform === 'linux') writeFileSync('/proc/self/oom_score_adj', firstToGo);
  if (process.getuid?.() !== 0) return;
  process.setgroups?.([]);
  process.setgid?.(nobody);
  process.setuid?.(nobody);
}

async function run(order: Extract<Order, { readonly kind: 'run' }>): Promise<void> {
  const { id, script } = order;
  const lines = new Lines(script.limits.lines, (all) => tell({ kind: 'lines', id, lines: all }));
  const { end, left } = await ranWith(order, lines);
  programs.delete(id);
  asked.forget(id);
  lines.close();
  tell({ kind: 'ended', id, end, left });
}

async function ranWith(
  { id, script, facts }: Extract<Order, { readonly kind: 'run' }>,
  lines: Lines,
): Promise<{ readonly end: ScriptEnd; readonly left: Left }> {
  try {
    const program = new Program(script, facts, {
      line: (level, text) => lines.add({ level: level as ConsoleLevel, text }),
      ask: (name, args) => asked.ask(id, name, args),
    });
    programs.set(id, program);
    return await program.run();
  } catch (error) {
    return { end: { kind: 'crashed', fault: faultOf('source', messageOf(error), ''), limit: null }, left: 'nothing' };
  }
}

function take(order: Order): void {
  if (order.kind === 'run') void run(order);
  else if (order.kind === 'answer') asked.answer(order);
  else if (order.kind === 'tell') programs.get(order.id)?.tell(order.facts);
  else programs.get(order.id)?.[order.kind]();
}

let lookedAt = performance.now();

function beat(): void {
  const now = performance.now();
  const shares = [...programs].map(([id, program]) => ({ id, share: program.watch(now - lookedAt), step: program.step }));
  const computing = shares.filter(({ share }) => share > leastShare);
  lookedAt = now;
  tell({ kind: 'beat', rss: process.memoryUsage.rss(), computing });
}

process.on('message', (order) => take(order as Order));
process.once('disconnect', endNow);
// Who stops a node tells it, not its hosts: a terminal's ^C comes to all of them.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
setInterval(beat, beatEvery);

giveUpRights();
tell({ kind: 'ready' });
