/**
 * The rules of `@event` triggers: `type[:verbs[:values[:selector]]]`, one or more of them between blanks; an event that one of them
 * matches fires the trigger once. The grammar is cozy-stack's, and what there is read but matches nothing either matches here
 * (`x.y.*`, `ALL`, no verbs) or is refused (`NOTIFIED`).
 *
 *     io.cozy.files                             whatever happens to files
 *     io.cozy.files:CREATED,DELETED             these two verbs
 *     io.cozy.files::a1b2,c3d4                  the documents with these ids
 *     io.cozy.files:UPDATED:image,pdf:class     a field of the document, as it is or was, has one of these values
 *     io.cozy.files:UPDATED:!=:metadata.size    the update changed the field
 *     io.cozy.*                                 all types below io.cozy
 */
import { type Event, type EventVerb, eventVerbs, isEventType, lifecyclePrefix } from './event.ts';
import { EventFields, hasValue } from './event-fields.ts';
import { malformed, shown } from './malformed.ts';
import { didYouMean } from './nearest.ts';
import { ValueList } from './value-list.ts';
import { finish, type Walk } from './walk.ts';
import { itemsOf, type Word, wordsOf } from './words.ts';

/** Few of them stand in a list. */
export type RuleValues = readonly string[] | ValueList;
const fewValues = 8;

export interface EventRule {
  /** A type, or the beginning of types, up to a dot; `''` with `isPrefix`: all types. */
  readonly type: string;
  readonly isPrefix: boolean;
  readonly verbs: ReadonlySet<EventVerb>;
  /** `null`: whatever the document. */
  readonly values: RuleValues | 'changed' | null;
  /** The path of a field within the document; `null`: its id. */
  readonly selector: string | null;
}

export const ruleLimits = { characters: 16_384, rules: 256 } as const;

/** Reads the arguments of an `@event` trigger. Throws `malformed_trigger` with the position. */
export function parseRules(text: string): readonly EventRule[] {
  if (text.length > ruleLimits.characters) {
    throw malformed(`The rules have at most ${ruleLimits.characters} characters, not ${text.length}.`, ruleLimits.characters);
  }
  const words = wordsOf(text);
  if (words.length === 0) throw malformed('A rule is expected, such as io.cozy.files:CREATED, and there is none.', 0);
  const extra = words[ruleLimits.rules];
  if (extra !== undefined) throw malformed(`A trigger has at most ${ruleLimits.rules} rules, not ${words.length}.`, extra.at);
  return words.map(knownRule);
}

/** Rules that were read lately: triggers that name the same share one. Only short ones, and no more than this, each with the text it is of. */
const lately = new Map<string, EventRule>();
const mostLately = 1_024;
const longestLately = 64;

function knownRule(word: Word): EventRule {
  const known = lately.get(word.text);
  if (known !== undefined) return known;
  const rule = parseRule(word);
  if (lately.size >= mostLately) lately.clear();
  if (word.text.length <= longestLately) lately.set(word.text, rule);
  return rule;
}

function parseRule(rule: Word): EventRule {
  const [type = nothing(rule), verbs = nothing(rule), values = nothing(rule), selector, extra] = partsOf(rule);
  if (extra !== undefined) {
    throw malformed(`A rule is type:verbs:values:selector, and ${shown(rule.text)} has more parts: a value cannot have a colon.`, extra.at);
  }
  if (selector?.text === '') throw malformed('Behind the last colon a selector is expected, such as metadata.size.', selector.at);
  return {
    ...parseType(type),
    verbs: parseVerbs(verbs),
    values: parseValues(values, selector !== undefined),
    selector: selector === undefined ? null : checkedSelector(selector),
  };
}

const nothing = ({ text, at }: Word): Word => ({ text: '', at: at + text.length });

/** Between colons. */
function partsOf({ text, at }: Word): readonly Word[] {
  let next = at;
  return text.split(':').map((part) => {
    const word = { text: part, at: next };
    next += part.length + 1;
    return word;
  });
}

function parseType({ text, at }: Word): Pick<EventRule, 'type' | 'isPrefix'> {
  if (text === '*') return { type: '', isPrefix: true };
  const isPrefix = text.endsWith('.*');
  const name = isPrefix ? text.slice(0, -2) : text;
  if (!isEventType(name)) {
    throw malformed(
      `A type has words of small letters, digits, _ and - between dots, such as io.cozy.files; it may end with .* for all below it. ${shown(text)} is none.`,
      at,
    );
  }
  return { type: isPrefix ? `${name}.` : name, isPrefix };
}

const firing: readonly EventVerb[] = ['CREATED', 'UPDATED', 'DELETED'];
const allVerbs: ReadonlySet<EventVerb> = new Set(firing);

function parseVerbs(word: Word): ReadonlySet<EventVerb> {
  if (word.text === '') return allVerbs;
  const verbs = itemsOf(word).map(({ text, at }) => {
    if (text === 'ALL') return firing;
    const verb = eventVerbs.find((known) => known === text);
    if (verb === 'NOTIFIED') throw malformed('A rule for NOTIFIED never matches: such an event fires nothing.', at);
    if (verb !== undefined) return [verb];
    throw malformed(`A verb is one of ${firing.join(', ')} or ALL, not ${shown(text)}${didYouMean(text, [...firing, 'ALL']) || '.'}`, at);
  });
  return verbSet(verbs.flat());
}

/** One set for all rules with these verbs: there are many rules, and few sets of verbs. */
const verbSets = new Map<string, ReadonlySet<EventVerb>>([[firing.join(), allVerbs]]);

function verbSet(verbs: readonly EventVerb[]): ReadonlySet<EventVerb> {
  const asked = firing.filter((verb) => verbs.includes(verb));
  const known = verbSets.get(asked.join()) ?? new Set(asked);
  verbSets.set(asked.join(), known);
  return known;
}

function parseValues(word: Word, hasSelector: boolean): EventRule['values'] {
  if (word.text === '') {
    if (hasSelector) throw malformed('Before a selector values are expected, such as a,b or != (the field changed).', word.at);
    return null;
  }
  const values = itemsOf(word);
  for (const { text, at } of values) {
    if (text === '') throw malformed('A value of the list is empty; a comma stands between two values.', at);
    if (text === '!=' && (values.length > 1 || !hasSelector)) {
      throw malformed('!= stands alone and before a selector, such as UPDATED:!=:metadata.size: the field changed.', at);
    }
  }
  if (word.text === '!=') return 'changed';
  const texts = new Set(values.map(({ text }) => text));
  return texts.size > fewValues ? new ValueList(texts) : [...texts];
}

const longestSelector = 256;

function checkedSelector({ text, at }: Word): string {
  if (text.length <= longestSelector && !text.split('.').includes('')) return text;
  throw malformed(
    `A selector is a path of names between dots (at most ${longestSelector} characters), such as metadata.size, not ${shown(text)}.`,
    at,
  );
}

/** Whether one of the rules matches. */
export function matches(rules: readonly EventRule[], event: Event): boolean {
  const fields = new EventFields(event);
  return rules.some((rule) => matchesType(rule, event.type) && finished(matchesRest(rule, event, fields)));
}

/** Whether it is for events of this type. What Hatstand itself tells is for those rules alone that name it. */
export function matchesType({ type, isPrefix }: EventRule, told: string): boolean {
  if (!isPrefix) return told === type;
  return told.startsWith(type) && (type.startsWith(lifecyclePrefix) || !told.startsWith(lifecyclePrefix));
}

const finished = (matched: boolean | Walk<boolean>): boolean => (typeof matched === 'boolean' ? matched : finish(matched));

/** Whether a rule for the event's type matches it, if that can be said at once. */
export function matchesRest({ verbs, values, selector }: EventRule, { verb, id }: Event, fields: EventFields): boolean | Walk<boolean> {
  if (!verbs.has(verb)) return false;
  if (values === null) return true;
  if (selector === null) return values !== 'changed' && hasValue(values, id);
  if (values === 'changed') return verb !== 'UPDATED' || fields.isChanged(selector);
  return fields.hasOne(selector, values);
}
