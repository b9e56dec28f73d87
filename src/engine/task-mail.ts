/** The control messages that wait for a task. */
import type { Definition } from '../core/definition.ts';
import { inOrder } from '../core/mail.ts';
import type { TaskRef } from '../core/task.ts';
import type { DefinitionPlace, DefinitionStore } from '../ports/store/definitions.ts';

const pageSize = 250;

/** In the order in which they came; about as many wait as `mailLimits` allows. */
export async function mailOf(definitions: DefinitionStore, { domain, id }: TaskRef): Promise<readonly Definition[]> {
  const found: Definition[] = [];
  let from: DefinitionPlace | null = null;
  do {
    const page = await definitions.list({ by: 'place', kind: 'mail', domain, group: id, from, limit: pageSize });
    found.push(...page.definitions);
    from = page.next;
  } while (from !== null);
  return inOrder(found);
}
