/** The control messages that wait for a task. */
import type { Definition, DefinitionKey } from '../core/definition.ts';
import { inOrder } from '../core/mail.ts';
import type { TaskRef } from '../core/task.ts';
import type { DefinitionPlace, DefinitionStore } from '../ports/store/definitions.ts';

const pageSize = 250;
/** What is read at once of those that are shown, about a megabyte at most. */
const shownAtOnce = 16;
const shownCharacters = 1024 * 1024;

/** In the order in which they came; about as many wait as `mailLimits` allows. */
export async function mailOf(definitions: DefinitionStore, ref: TaskRef): Promise<readonly Definition[]> {
  const found: Definition[] = [];
  for await (const page of pagesOf(definitions, ref)) found.push(...page);
  return inOrder(found);
}

async function* pagesOf(definitions: DefinitionStore, { domain, id }: TaskRef): AsyncGenerator<readonly Definition[], void> {
  let from: DefinitionPlace | null = null;
  do {
    const page = await definitions.list({ by: 'place', kind: 'mail', domain, group: id, from, limit: pageSize });
    yield page.definitions;
    from = page.next;
  } while (from !== null);
}

/** Some of them, in their order. */
export interface MailPart {
  readonly mail: readonly Definition[];
  /** There are others behind them. */
  readonly more: boolean;
}

/** Those behind a version: at most `limit`, and no more than about two megabytes, one at least; all of them may be far more. */
export async function mailBehind(definitions: DefinitionStore, ref: TaskRef, after: number, limit: number): Promise<MailPart> {
  const known: (DefinitionKey & { readonly version: number })[] = [];
  for await (const page of pagesOf(definitions, ref))
    known.push(...page.map(({ kind, domain, key, version }) => ({ kind, domain, key, version })));
  const waiting = known.filter(({ version }) => version > after).toSorted((a, b) => a.version - b.version);
  const mail: Definition[] = [];
  let [at, characters] = [0, 0];
  while (at < waiting.length && mail.length < limit && characters < shownCharacters) {
    const keys = waiting.slice(at, at + Math.min(shownAtOnce, limit - mail.length));
    const { definitions: found } = await definitions.list({ by: 'keys', keys });
    mail.push(...found);
    at += keys.length;
    characters += found.reduce((sum, { body }) => sum + (body?.length ?? 0), 0);
  }
  return { mail, more: at < waiting.length };
}
