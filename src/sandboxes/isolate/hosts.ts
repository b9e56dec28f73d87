/** The script hosts of a node: which one a script gets, and which ones are of no use any more. */
import type { Millis } from '../../core/duration.ts';
import type { Logger } from '../../ports/logger.ts';
import type { SandboxScript } from '../../ports/sandbox.ts';
import { ScriptHost, type ScriptHostEvents } from './script-host.ts';

export interface HostsOptions {
  /** So many share all scripts; more are started for scripts that run alone. */
  readonly most: number;
  readonly log: Logger;
}

const tickEvery: Millis = 500;
/** The oldest are forgotten. */
const mostSuspects = 1_000;

export class Hosts {
  readonly #options: HostsOptions;
  readonly #events: ScriptHostEvents;
  readonly #ticking: NodeJS.Timeout;
  /** With the number of scripts of each. */
  readonly #all = new Map<ScriptHost, number>();
  /** They have one script each. */
  readonly #ofOne = new WeakSet<ScriptHost>();
  /** Scripts that may have taken a host with them, by name and source: another version of one is not suspected. */
  readonly #suspects = new Set<string>();

  constructor(options: HostsOptions, events: ScriptHostEvents) {
    this.#options = options;
    this.#events = events;
    this.#ticking = setInterval(() => {
      for (const host of this.#all.keys()) host.tick();
    }, tickEvery);
    this.#ticking.unref();
  }

  /** For a script that begins: the one with the fewest, or one of its own when it is suspected. */
  take(script: SandboxScript): ScriptHost {
    const host = this.#suspects.has(nameOf(script)) ? this.#startForOne() : (this.#leastLoaded() ?? this.#start());
    this.#all.set(host, this.#countOf(host) + 1);
    return host;
  }

  /** A script of it has ended. */
  leave(host: ScriptHost): void {
    if (!this.#all.has(host)) return;
    const count = this.#countOf(host) - 1;
    this.#all.set(host, count);
    if (count === 0 && (host.isClosed || this.isOfOne(host))) host.kill('its scripts have ended');
  }

  isOfOne(host: ScriptHost): boolean {
    return this.#ofOne.has(host);
  }

  /** From now on it has a host of its own. */
  suspect(script: SandboxScript): void {
    const [oldest] = this.#suspects;
    if (this.#suspects.size >= mostSuspects && oldest !== undefined) this.#suspects.delete(oldest);
    this.#suspects.add(nameOf(script));
  }

  /**
   * V8 has parked a script of it, whose memory is given back with its host alone: that one gets no more scripts. No more of such hosts are
   * kept for the scripts that still run there than there are others.
   */
  parked(host: ScriptHost, script: SandboxScript): void {
    this.suspect(script);
    host.isClosed = true;
    this.#options.log.warn('script_host.closed', {
      pid: host.pid,
      reason: `V8 has parked script ${script.name}, which took too much memory`,
    });
    const [oldest, ...others] = [...this.#all.keys()].filter((each) => each.isClosed && !this.isOfOne(each));
    if (others.length >= this.#options.most) oldest?.kill('it keeps the memory of scripts that have ended');
  }

  /** Its process is gone. */
  remove(host: ScriptHost): void {
    this.#all.delete(host);
  }

  async close(): Promise<void> {
    clearInterval(this.#ticking);
    const all = [...this.#all.keys()];
    for (const host of all) host.kill('the sandbox is closed');
    await Promise.all(all.map((host) => host.ended));
  }

  #countOf(host: ScriptHost): number {
    return this.#all.get(host) ?? 0;
  }

  #leastLoaded(): ScriptHost | null {
    const open = [...this.#all.keys()].filter((host) => !host.isClosed && !this.isOfOne(host));
    if (open.length < this.#options.most) return null;
    return open.reduce((least, host) => (this.#countOf(host) < this.#countOf(least) ? host : least));
  }

  #start(): ScriptHost {
    const host = new ScriptHost(this.#events);
    this.#all.set(host, 0);
    this.#options.log.debug('script_host.started', { pid: host.pid });
    return host;
  }

  #startForOne(): ScriptHost {
    const host = this.#start();
    this.#ofOne.add(host);
    return host;
  }
}

const nameOf = ({ name, source }: SandboxScript): string => `${name}\n${source}`;
