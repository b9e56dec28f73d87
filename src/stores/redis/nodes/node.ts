/** A node's record: words, behind how it ended when it is gone (node.lua). */
import { type NodeRecord, noLoad } from '../../../core/node.ts';
import type { NodeHealth } from '../../../core/node-health.ts';
import { isRules } from '../../../core/run-limits.ts';
import { textOf, timeOf, wholeOf } from '../format/words.ts';

export interface JoinedNode {
  /** Rises with each node that joins. */
  readonly joined: number;
  readonly record: NodeRecord;
}

/** What a node tells of itself beside its address. */
type About = Pick<NodeRecord, 'serves' | 'link'>;

const nothingTold: About = { serves: null, link: null };
const gone: About = { serves: [], link: null };

/** @param told by the words of incarnations; of a node that has told nothing it is not known what it serves */
export function readLive(incarnation: string, text: string, now: number, told: ReadonlyMap<string, About>): JoinedNode {
  return readNode(incarnation, ['live', ...text.split(' ')], told.get(incarnation) ?? nothingTold, now);
}

export const readGone = (incarnation: string, text: string, now: number): JoinedNode => readNode(incarnation, text.split(' '), gone, now);

export const aboutText = ({ serves, link }: About): string => JSON.stringify({ serves, link });

/** What makes nothing is not known. */
export function readAbout(text: string): About {
  try {
    const told: unknown = JSON.parse(text);
    if (typeof told !== 'object' || told === null) return nothingTold;
    const { serves, link } = told as Readonly<Record<string, unknown>>;
    return { serves: isServed(serves) ? serves : null, link: isLink(link) ? link : null };
  } catch {
    return nothingTold;
  }
}

function isLink(value: unknown): value is NonNullable<About['link']> {
  if (typeof value !== 'object' || value === null) return false;
  const { host, port, fingerprint, process } = value as Readonly<Record<string, unknown>>;
  return (
    typeof host === 'string' && typeof port === 'number' && typeof fingerprint === 'string' && (process === null || isProcess(process))
  );
}

function isProcess(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  const { machine, pid, startedAt } = value as Readonly<Record<string, unknown>>;
  return typeof machine === 'string' && Number.isSafeInteger(pid) && typeof startedAt === 'string';
}

const isServed = (value: unknown): value is NonNullable<About['serves']> =>
  Array.isArray(value) &&
  value.every((each: unknown) => {
    if (typeof each !== 'object' || each === null || !('worker' in each) || typeof each.worker !== 'string') return false;
    if ('concurrency' in each && typeof each.concurrency !== 'number') return false;
    if ('rules' in each && !isRules(each.rules)) return false;
    return (
      'queues' in each && (each.queues === 'any' || (Array.isArray(each.queues) && each.queues.every((name) => typeof name === 'string')))
    );
  });

export const writeHealth = ({ cpu, memory, isCritical }: NodeHealth): string =>
  [cpu, memory].map((use) => use ?? '').join('/') + (isCritical ? '!' : '');

/** Of a node that has told nothing, or what makes nothing, nothing is known. */
function readHealth(text: string): NodeHealth {
  const [, cpu = '', memory = '', critical] = /^(\d{0,9})\/(\d{0,9})(!?)$/.exec(text) ?? [];
  return { cpu: useOf(cpu), memory: useOf(memory), isCritical: critical === '!' };
}

const useOf = (digits: string): number | null => (digits === '' ? null : Number(digits));

/** Throws for what makes none. */
function readNode(incarnation: string, words: readonly string[], about: About, now: number): JoinedNode {
  const [state, mode, server, joined, started, heard, lease, running, slots, name = '', version = '', address = '', health = ''] = words;
  const isLive = state === 'live';
  return {
    joined: wholeOf(joined),
    record: {
      incarnation: textOf(incarnation),
      name: textOf(name),
      version: textOf(version),
      address: textOf(address),
      ...about,
      serverId: wholeOf(server),
      startedAt: timeOf(started),
      mode: mode === 'draining' ? 'draining' : 'active',
      state: isLive ? 'live' : state === 'left' ? 'left' : 'buried',
      load: isLive ? { running: wholeOf(running), slots: wholeOf(slots), ...readHealth(health) } : noLoad,
      heardAgo: Math.max(0, now - timeOf(heard)),
      leaseLeft: isLive ? Math.max(0, timeOf(lease) - now) : 0,
    },
  };
}
