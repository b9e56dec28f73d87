/** Events as they go in and come out under `/v1`. */
import { type Static, Type } from 'typebox';
import { eventLimits, eventVerbs, longestType } from '../../../core/event.ts';
import { mostTopics } from '../../../core/event-topic.ts';
import { Count, closed, Id, Name, OrNull } from './fields.ts';

const domain = Type.Optional(Name('A tenant: triggers of other domains do not fire.', 'acme'));

/** No control characters and no halves of surrogate pairs, as core/event.ts has it. */
const visible = '^[^\\u0000-\\u001f\\u007f-\\u009f\\ud800-\\udfff]+$';

export const EventPublish = Type.Object(
  {
    type: Type.String({
      title: 'words of small letters, digits, _ and - between dots',
      description: 'What it is about. Types that begin with `hatstand.` are told by Hatstand alone.',
      pattern: '^[a-z0-9_-]+(\\.[a-z0-9_-]+)*$',
      maxLength: longestType,
      examples: ['io.cozy.files'],
    }),
    verb: Type.Enum([...eventVerbs], {
      description: 'What happened to the document. `NOTIFIED` reaches those who listen, and fires nothing.',
    }),
    id: Type.String({
      title: `1 to ${eventLimits.id} characters, none of them a control character,`,
      description: 'Of the document. Two updates of one document are two events.',
      pattern: visible,
      maxLength: eventLimits.id,
      examples: ['a1b2'],
    }),
    doc: Type.Optional(Type.Unknown({ description: 'The document as it is now: any JSON value.' })),
    old: Type.Optional(Type.Unknown({ description: 'The document as it was before, so that rules can tell what has changed.' })),
    domain,
    key: Type.Optional(
      Type.String({
        title: `1 to ${eventLimits.key} characters, none of them a control character,`,
        pattern: visible,
        maxLength: eventLimits.key,
        description: 'Of your own, so that a publish can be repeated: an event under a key that was published before is not told again.',
        examples: ['orders/7/revision/3'],
      }),
    ),
  },
  { $id: 'EventPublish', ...closed },
);
export type EventPublish = Static<typeof EventPublish>;

export const PublishedEvent = Type.Object(
  {
    kind: Type.Enum(['told', 'known'], { description: '`known`: one was published under its key before. It was not told again.' }),
    entry: Count('The entry of the journal that tells it.'),
    number: Count('Its place there.'),
    jobs: Type.Array(Id('A job that was pushed for it, in the same step.')),
    gathered: Count('Into how many windows of triggers with a debounce it went.'),
    dropped: Count('Into how many it did not go, because they hold as much as they may until they close.'),
    refused: Count('How many jobs were not pushed for it, because their queues are closed or limits reached.'),
  },
  { $id: 'PublishedEvent', ...closed },
);
export const PublishedEvents = Type.Object({ events: Type.Array(Type.Ref('PublishedEvent')) }, { $id: 'PublishedEvents', ...closed });

export const EventPreview = Type.Object(
  {
    matched: Count('Triggers whose rules match it, also those that are paused, have ended or are bad, and so push nothing.'),
    pushes: Type.Array(
      Type.Object(
        {
          trigger: Type.String({ description: 'The id of a trigger.' }),
          domain: Type.String(),
          gathers: Type.Boolean({ description: 'The event would go into its window, and be pushed with others.' }),
          worker: OrNull(Type.String({ description: 'For whom the job would be; null when it is gathered.' })),
          queue: OrNull(Type.String()),
          payload: Type.Unknown({ description: 'Of the job.' }),
        },
        closed,
      ),
    ),
  },
  { $id: 'EventPreview', ...closed },
);

const topic = Type.String({
  title: 'a type of events, such as io.files, io.* or *, perhaps with a document, such as io.files:7,',
  pattern: '^(\\*|[a-z0-9_-]+(\\.[a-z0-9_-]+)*(\\.\\*)?)(:.+)?$',
  maxLength: longestType + eventLimits.id + 3,
  examples: ['io.cozy.files'],
});

export const FollowQuery = Type.Object(
  {
    topic: Type.Optional(
      Type.Union([topic, Type.Array(topic, { minItems: 1, maxItems: mostTopics })], {
        description:
          'A type, all below one (`io.*`) or all (`*`, if none is given), perhaps with one document (`io.files:7`). What becomes of jobs and triggers is told under `hatstand.jobs` and `hatstand.triggers`, to those who name them: `hatstand.jobs:942130478012362752` follows one job. May stand more than once.',
      }),
    ),
    domain: Type.Optional(Name('Of this domain alone.', 'acme')),
    after: Type.Optional(
      Type.String({
        description: 'As the header `Last-Event-ID`, which goes before it.',
        maxLength: 128,
        examples: ['1042.0.m9x2k1ab.7hq2'],
      }),
    ),
  },
  closed,
);
export type FollowQuery = Static<typeof FollowQuery>;

export const eventSchemas = [EventPublish, PublishedEvent, PublishedEvents, EventPreview] as const;
