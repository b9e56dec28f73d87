/** One script host, from its start to its end, as its node sees it. */
import { type ChildProcess, fork } from 'node:child_process';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Millis } from '../../core/duration.ts';
import type { Computing, News, Order } from './messages.ts';

/** A host that has not come up by then is killed. */
const readyWithin: Millis = 20_000;
/** One that has said nothing for so long is killed: scripts run beside what it says, and a machine that is busy is no reason. */
const silentFor: Millis = 10_000;

/**
 * `--no-node-snapshot`: isolates of one process share nothing with Node's own. The other two: on Node 24, V8 takes the checks out of
 * some loops by which it ends them, and what fills its memory there heeds no limit.
 */
const flags = ['--no-node-snapshot', '--no-turboshaft-loop-unrolling', '--no-maglev', '--disable-warning=ExperimentalWarning'];

const program = fileURLToPath(new URL(`./host/main${extname(import.meta.url)}`, import.meta.url));

export interface ScriptHostEvents {
  news(host: ScriptHost, news: News): void;
  /** Its process is gone. Called once. */
  gone(host: ScriptHost, why: string): void;
}

export class ScriptHost {
  readonly #child: ChildProcess;
  /** Resolves when its process is gone. */
  readonly ended: Promise<void>;
  /** Who used the processor when it was heard of last. */
  computing: readonly Computing[] = [];
  /** It gets no more scripts. */
  isClosed: boolean = false;
  #heardAt = performance.now();
  #isReady: boolean = false;
  #why: string = '';
  #waiting: Order[] = [];

  constructor(events: ScriptHostEvents) {
    // No environment, and nothing to read or write but the channel.
    this.#child = fork(program, [], {
      execArgv: flags,
      env: {},
      cwd: '/',
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
      serialization: 'json',
    });
    this.#child.on('message', (news) => this.#hear(news as News, events));
    this.ended = new Promise((resolve) => {
      const over = (why: string): void => {
        events.gone(this, this.#why === '' ? why : this.#why);
        resolve();
      };
      this.#child.once('exit', (code, signal) => over(`it ended with ${signal ?? code}`));
      // What cannot be started has no exit.
      this.#child.on('error', (error) => (this.#child.pid === undefined ? over(error.message) : this.kill(error.message)));
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  order(order: Order): void {
    if (!this.#isReady) this.#waiting.push(order);
    else if (this.#child.connected) this.#child.send(order, () => undefined);
  }

  /** Nothing of it is left then: SIGKILL is the only end of a host, since one that has run out of memory does not end well. */
  kill(why: string): void {
    this.isClosed = true;
    if (this.#why === '') this.#why = why;
    this.#child.kill('SIGKILL');
  }

  /** Kills it when it has been silent for too long. */
  tick(): void {
    const silent = performance.now() - this.#heardAt;
    if (silent > (this.#isReady ? silentFor : readyWithin)) this.kill(`it said nothing for ${Math.round(silent / 1_000)} s`);
  }

  #hear(news: News, events: ScriptHostEvents): void {
    this.#heardAt = performance.now();
    if (news.kind === 'ready') {
      this.#isReady = true;
      for (const order of this.#waiting) this.order(order);
      this.#waiting = [];
    } else if (news.kind === 'beat') this.computing = news.computing;
    events.news(this, news);
  }
}
