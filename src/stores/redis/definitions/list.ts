/** What is looked up of definitions. */
import type { Definition } from '../../../core/definition.ts';
import { messageOf } from '../../../core/errors.ts';
import { unreadableId } from '../../../core/unreadable.ts';
import type { DefinitionPage, DefinitionQuery, DefinitionStore } from '../../../ports/store/definitions.ts';
import type { Found } from '../../set-aside.ts';
import type { Reply } from '../driver/driver.ts';
import { readDefinition } from '../format/definition.ts';
import { definitionWord, domainRange, keyOfWord, ownerOfWord } from '../format/owner.ts';
import { asList, asNumber, type ReplyReader } from '../format/reply-reader.ts';
import { wordOf } from '../format/words.ts';
import { type Calls, fewAtOnce } from '../frame/calls.ts';

/** @param found hears of definitions that cannot be read */
export function makeLooks(calls: Calls, found: Found): Pick<DefinitionStore, 'list' | 'count' | 'due' | 'parts'> {
  return {
    list(query) {
      switch (query.by) {
        case 'keys':
          return calls.look('definitions.list', ['keys', String(query.keys.length), ...query.keys.map(definitionWord)], (reply) =>
            readFound(reply, found),
          );
        case 'place':
          return calls.look(
            'definitions.list',
            ['place', ...placeWords(query)],
            (reply) => readByPlace(reply, found),
            query.limit > fewAtOnce,
          );
        case 'version':
          return calls.look(
            'definitions.list',
            ['version', query.kind, String(query.after), wordOf(query.group ?? ''), String(query.limit)],
            (reply) => readByVersion(reply, query.after, found),
            query.limit > fewAtOnce,
          );
      }
    },
    count({ kind, domain, group, limit }) {
      const [first, end] = domainRange({ kind, domain });
      return calls.look('definitions.count', [kind, wordOf(group), `[${first}`, `(${end}`, String(limit)], asNumber);
    },
    due(kinds, limit, behind) {
      const asked = [...new Set(kinds)];
      return calls.look('definitions.due', [String(limit), String(behind), String(asked.length), ...asked], (reply) => {
        const reader = asList(reply);
        const [now, wait] = [Number(reader.text()), reader.text()];
        return { now, nextIn: wait === '' ? null : Number(wait), definitions: readAll(reader, found) };
      });
    },
    parts: (key) => calls.look('definitions.parts', [definitionWord(key)], (reply) => asList(reply).rest((each) => each.text())),
  };
}

/** The kind, the group, and the first and the last place, as ZRANGEBYLEX takes them. */
function placeWords({ kind, domain, group, from, limit }: Extract<DefinitionQuery, { by: 'place' }>): readonly string[] {
  const [start, end] = domain === null ? ['', null] : domainRange({ kind, domain });
  const first = later(start, from === null ? '' : definitionWord({ kind, ...from }));
  return [kind, wordOf(group ?? ''), first === '' ? '-' : `[${first}`, end === null ? '+' : `(${end}`, String(limit)];
}

/** By their bytes, as Redis compares them. */
const later = (a: string, b: string): string => (Buffer.compare(Buffer.from(a), Buffer.from(b)) < 0 ? b : a);

/** Those that can be read. */
const readAll = (reader: ReplyReader, found: Found): DefinitionPage['definitions'] =>
  reader.rest((each) => readOne(each.list(), found)).filter((each) => each !== null);

function readOne(reader: ReplyReader, found: Found): Definition | null {
  const word = reader.text();
  try {
    return readDefinition(word, reader);
  } catch (error) {
    found({ id: unreadableId('definition', ownerOfWord(word)), reason: messageOf(error) });
    return null;
  }
}

const readFound = (reply: Reply, found: Found): DefinitionPage => ({
  ...{ definitions: readAll(asList(reply), found), next: null, newest: 0, newestOfGroup: 0, complete: true, more: false },
});

function readByPlace(reply: Reply, found: Found): DefinitionPage {
  const reader = asList(reply);
  const [newest, word] = [countOf(reader.text()), reader.text()];
  const next = word === '' ? null : keyOfWord(word);
  return {
    newest,
    newestOfGroup: 0,
    next: next === null ? null : { domain: next.domain, key: next.key },
    more: next !== null,
    complete: true,
    definitions: readAll(reader, found),
  };
}

/** A count that was damaged says nothing until the scrub has made it anew. */
const countOf = (text: string): number => (/^\d{1,15}$/.test(text) ? Number(text) : 0);

function readByVersion(reply: Reply, after: number, found: Found): DefinitionPage {
  const reader = asList(reply);
  const [newest, newestOfGroup, swept] = [countOf(reader.text()), countOf(reader.text()), countOf(reader.text())];
  const more = reader.number() === 1;
  return { newest, newestOfGroup, next: null, more, complete: after === 0 || after >= swept, definitions: readAll(reader, found) };
}
