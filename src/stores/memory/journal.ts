/** The journal: its pages, and the step that publishes events and does what they cause. */
import { type NewEvent, sizeOfEvent } from '../../core/event.ts';
import type {
  Cause,
  Caused,
  Gap,
  JournalEntry,
  JournalPage,
  JournalPlace,
  Publish,
  Published,
  PublishedEvent,
} from '../../ports/store/journal.ts';
import { gather } from './definitions.ts';
import { isClosed, push, pushAnyway } from './push.ts';
import type { State } from './state.ts';
import type { Step } from './step.ts';

export function entries(state: State, _step: Step, after: JournalPlace | number, limit: number): JournalPage {
  const seq = typeof after === 'number' ? after : after.seq;
  const gap = gapAt(state, after);
  const first = placeBehind(state, seq);
  const found = gap === 'rewound' ? [] : bounded(state.journal.slice(first, first + limit));
  return { entries: found, gap, newest: { store: state.name, seq: state.journalSeq, at: state.journal.at(-1)?.at ?? 0 } };
}

function gapAt(state: State, after: JournalPlace | number): Gap | null {
  const { store, seq, at } = typeof after === 'number' ? { store: state.name, seq: after, at: 0 } : after;
  if (seq === 0) return store === state.name ? null : 'rewound';
  const oldest = state.journal[0]?.seq ?? state.journalSeq + 1;
  const before = state.journal[placeBehind(state, seq) - 1];
  const seen = before?.seq === seq ? before : undefined;
  if (store !== state.name || seq > state.journalSeq || (at !== 0 && seen !== undefined && seen.at !== at)) return 'rewound';
  return seq + 1 < oldest ? 'swept' : null;
}

/** The first entry behind the number. It stands where it would when none before it was set aside, or before that. */
function placeBehind({ journal }: State, seq: number): number {
  let at = Math.min(journal.length, Math.max(0, seq + 1 - (journal[0]?.seq ?? 0)));
  while ((journal[at - 1]?.seq ?? 0) > seq) at -= 1;
  return at;
}

/** Characters of one page, about. */
const mostCharacters = 1024 * 1024;

function bounded(all: readonly JournalEntry[]): readonly JournalEntry[] {
  let characters = 0;
  const end = all.findIndex((entry, at) => {
    characters += sizeOfEntry(entry);
    return at > 0 && characters > mostCharacters;
  });
  return end < 0 ? all : all.slice(0, end);
}

const sizeOfEntry = ({ moved, told, fired }: JournalEntry): number =>
  moved.reduce((sum, { ids }) => sum + ids.length * 20, 0) + toldCharacters(told) + fired.reduce((sum, { note }) => sum + note.length, 0);

export const toldCharacters = (told: readonly NewEvent[]): number => told.reduce((sum, event) => sum + sizeOfEvent(event), 0);

const rulesGroup = 'trigger/event';

export function publish(state: State, step: Step, { events, causes, rules, follow }: Publish): Published {
  const stands = follow === null ? 0 : (state.followers.get(follow.name) ?? 0);
  if (follow !== null && follow.from !== stands) return { kind: 'moved', at: stands };
  const version = state.groupVersions.get(rulesGroup) ?? 0;
  if (rules !== null && rules !== version) return { kind: 'stale', version };
  const closed = follow?.waits === true ? causes.find((cause) => 'job' in cause && isClosed(state, cause.job.queue)) : undefined;
  if (closed !== undefined && 'job' in closed) return { kind: 'closed', queue: closed.job.queue };
  if (follow !== null) state.followers.set(follow.name, follow.to);
  const published = events.map((event) => tell(state, step, event));
  return {
    kind: 'published',
    events: published,
    causes: causes.map((cause) => done(state, step, published, cause, follow?.waits === true)),
  };
}

function tell(state: State, step: Step, event: NewEvent): PublishedEvent {
  const scope = JSON.stringify([event.domain, event.key]);
  const known = event.key === null ? undefined : state.eventKeys.get(scope);
  if (known !== undefined) return { kind: 'known', seq: known.seq, number: known.number };
  const place = { seq: state.journalSeq + 1, number: step.told(event) };
  if (event.key !== null) state.eventKeys.set(scope, { ...place, at: step.steady });
  return { kind: 'told', ...place };
}

function done(state: State, step: Step, published: readonly PublishedEvent[], cause: Cause, anyway: boolean): Caused {
  if (cause.event !== null && published[cause.event]?.kind === 'known') return { kind: 'known' };
  if ('job' in cause && anyway) return pushAnyway(state, step, cause.job);
  if ('job' in cause) return push(state, step, [cause.job])[0] ?? { kind: 'known' };
  return { kind: gather(state, step, [cause.part])[0] ?? 'missing' };
}
