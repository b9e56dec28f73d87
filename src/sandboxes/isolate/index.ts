/**
 * The sandbox of isolates: scripts run in processes of their own (host/), each in an isolate of V8. A host that cannot be trusted any more is
 * killed; its other scripts are lost then, and may run again elsewhere. hosts.ts which host a script gets · script-host.ts one host ·
 * messages.ts what both sides say
 */
import { messageOf } from '../../core/errors.ts';
import { faultOf, type ScriptEnd, type ScriptStep } from '../../core/script-run.ts';
import type { Logger } from '../../ports/logger.ts';
import type { RunningScript, Sandbox, SandboxScript, ScriptListener } from '../../ports/sandbox.ts';
import { Hosts } from './hosts.ts';
import type { News } from './messages.ts';
import type { ScriptHost } from './script-host.ts';

export interface IsolateSandboxOptions {
  /** Hosts that scripts are shared out to; more are started for scripts that run alone. */
  readonly hosts: number;
  /** MiB that a host may take; one that takes more is killed. */
  readonly hostMemory: number;
  readonly log: Logger;
}

/** Bytes of a MiB. */
const mebibyte = 2 ** 20;

interface Running {
  readonly id: number;
  readonly script: SandboxScript;
  readonly listener: ScriptListener;
  readonly host: ScriptHost;
  readonly over: AbortController;
  readonly ended: PromiseWithResolvers<ScriptEnd>;
  /** How it ends, while something of it may still be there. */
  end: ScriptEnd | null;
}

export class IsolateSandbox implements Sandbox {
  readonly #options: IsolateSandboxOptions;
  readonly #hosts: Hosts;
  readonly #running = new Map<number, Running>();
  #numbers = 0;
  #isClosed: boolean = false;

  constructor(options: IsolateSandboxOptions) {
    this.#options = options;
    const { hosts: most, log } = options;
    this.#hosts = new Hosts({ most, log }, { news: (host, news) => this.#hear(host, news), gone: (host, why) => this.#gone(host, why) });
  }

  run(script: SandboxScript, facts: string, listener: ScriptListener): RunningScript {
    if (this.#isClosed) throw new Error('The sandbox is closed.');
    this.#numbers += 1;
    const id = this.#numbers;
    const host = this.#hosts.take(script);
    const each: Running = { id, script, listener, host, over: new AbortController(), ended: Promise.withResolvers(), end: null };
    this.#running.set(id, each);
    host.order({ kind: 'run', id, script, facts });
    return {
      ended: each.ended.promise,
      stop: () => host.order({ kind: 'stop', id }),
      cut() {
        each.end ??= { kind: 'cut' };
        host.order({ kind: 'cut', id });
      },
      tell: (changed) => host.order({ kind: 'tell', id, facts: changed }),
    };
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    for (const each of this.#running.values()) each.end ??= { kind: 'cut' };
    await this.#hosts.close();
  }

  #hear(host: ScriptHost, news: News): void {
    const { hostMemory } = this.#options;
    if (news.kind === 'ready') return;
    if (news.kind === 'beat') {
      if (news.rss > hostMemory * mebibyte)
        host.kill(`it took ${Math.round(news.rss / mebibyte)} MiB of memory, and may take ${hostMemory}`);
      return;
    }
    const each = this.#running.get(news.id);
    if (each === undefined) return;
    if (news.kind === 'ask') void this.#answer(each, news);
    else if (news.kind === 'ended') this.#ended(each, news);
    else for (const { level, text } of news.lines) each.listener.line(level, text);
  }

  async #answer({ id, host, listener, over }: Running, { call, name, args }: Extract<News, { readonly kind: 'ask' }>): Promise<void> {
    try {
      host.order({ kind: 'answer', id, call, value: await listener.ask(name, args, over.signal) });
    } catch (error) {
      host.order({ kind: 'answer', id, call, error: messageOf(error) });
    }
  }

  #ended(each: Running, { end, left }: Extract<News, { readonly kind: 'ended' }>): void {
    each.end = end;
    if (left === 'running') {
      this.#hosts.suspect(each.script);
      each.host.kill(`script ${each.script.name} could not be ended`);
      return;
    }
    if (left === 'memory') this.#hosts.parked(each.host, each.script);
    this.#over(each, end);
    this.#hosts.leave(each.host);
  }

  #over({ id, over, ended }: Running, end: ScriptEnd): void {
    this.#running.delete(id);
    over.abort();
    ended.resolve(end);
  }

  #gone(host: ScriptHost, why: string): void {
    this.#hosts.remove(host);
    const its = [...this.#running.values()].filter((each) => each.host === host);
    const open = its.filter(({ end }) => end === null);
    if (open.length > 0) this.#options.log.error('script_host.lost', { pid: host.pid, scripts: open.length, reason: why });
    // Of one that has ended, and could not be, it is known who is to blame.
    const blamed = open.length === its.length ? this.#blame(host, open) : null;
    for (const each of its) {
      if (each.id !== blamed?.id) this.#over(each, each.end ?? { kind: 'lost', reason: why });
      else this.#over(each, { kind: 'crashed', fault: faultOf(blamed.step, `it took its script host with it: ${why}`, ''), limit: 'host' });
    }
  }

  /** Who took a host with it, when one alone was computing; of several nobody knows. Each of them is suspected from then on, and runs alone. */
  #blame(host: ScriptHost, open: readonly Running[]): { readonly id: number; readonly step: ScriptStep } | null {
    const computing = host.computing.filter(({ id }) => open.some((each) => each.id === id)).toSorted((a, b) => b.share - a.share);
    const [first, second] = computing;
    const [only] = open;
    if (this.#hosts.isOfOne(host) && only !== undefined) return { id: only.id, step: first?.step ?? 'source' };
    const isClear = first !== undefined && first.share > clearly * (second?.share ?? 0);
    for (const { id } of isClear ? [first] : computing) {
      const each = this.#running.get(id);
      if (each !== undefined) this.#hosts.suspect(each.script);
    }
    return isClear ? first : null;
  }
}

/** So many times the share of the next one. */
const clearly = 3;
