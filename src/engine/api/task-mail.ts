/** Control messages that tasks have not handled. */
import { inOrder, type MailText, readMail } from '../../core/mail.ts';
import type { TaskRef } from '../../core/task.ts';
import type { DefinitionPlace } from '../../ports/store/definitions.ts';
import type { Store } from '../../ports/store/store.ts';
import { readOrSetAside } from '../readable.ts';

export interface WaitingMail extends MailText {
  readonly id: string;
  /** When it was told, in Unix milliseconds of the store's clock. */
  readonly at: number;
}

export interface TaskMail {
  /** In their order, without those that nobody can read. */
  waiting(ref: TaskRef): Promise<readonly WaitingMail[]>;
  /** They are told to nobody any more. */
  clear(ref: TaskRef): Promise<void>;
}

const pageSize = 250;

export function makeTaskMail(store: Store): TaskMail {
  async function* pages({ domain, id }: TaskRef) {
    let from: DefinitionPlace | null = null;
    do {
      const page = await store.definitions.list({ by: 'place', kind: 'mail', domain, group: id, from, limit: pageSize });
      yield page.definitions;
      from = page.next;
    } while (from !== null);
  }

  return {
    async waiting(ref) {
      const found = [];
      for await (const page of pages(ref)) found.push(...page);
      const read = inOrder(found).map(async (each) => {
        const told = await readOrSetAside(store, each, readMail);
        return told.kind === 'read' ? [{ ...told.body, id: each.key, at: each.changedAt }] : [];
      });
      return (await Promise.all(read)).flat();
    },
    async clear(ref) {
      for await (const page of pages(ref)) {
        await store.definitions.put(
          page.map(({ kind, domain, key }) => ({
            kind,
            domain,
            key,
            group: '',
            body: null,
            state: null,
            due: 'never',
            dueOnEnd: false,
            if: null,
          })),
        );
      }
    },
  };
}
