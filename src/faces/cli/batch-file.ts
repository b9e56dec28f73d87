/** A file of jobs that becomes a batch: in one request, or, when there are more jobs than one takes, in several. */
import { HatstandError } from '../../core/errors.ts';
import type { AddedBatch, Batch, Client } from '../client/client.ts';
import { openInput } from './input.ts';
import { jsonValues } from './json-values.ts';
import { makeUnservedNotes } from './unserved.ts';

export interface BatchToSend {
  /** What it has beside its jobs, as JSON text without its last brace. */
  readonly head: string;
  readonly domain: string | undefined;
  /** It stays open. */
  readonly isOpen: boolean;
}

/** Jobs and characters of one request. */
const perRequest = { jobs: 1_000, characters: 4 * 1024 * 1024 };

/**
 * Sends the first jobs with the batch, and further ones behind it, each request under a key of its own: so the same file sent again, under
 * the same id, completes what was cut short. Throws what is wrong with a job, and what the server says.
 */
export async function sendBatch({ batches }: Client, file: string | undefined, { head, domain, isOpen }: BatchToSend): Promise<Batch> {
  let batch: Batch | null = null;
  let [waiting, number] = [[] as readonly string[], 0];
  const tellUnserved = makeUnservedNotes();
  for await (const jobs of file === undefined ? [] : groupsIn(file)) {
    // The last ones are known as such only when no others come.
    if (number > 0) batch = await send(waiting, true);
    // It was sent whole before, and takes no more.
    if (batch !== null && batch.status !== 'open') return batch;
    [waiting, number] = [jobs, number + 1];
  }
  const last = await send(waiting, isOpen);
  return batch === null || isOpen ? last : batches.seal(last.id, domain);

  async function send(jobs: readonly string[], staysOpen: boolean): Promise<Batch> {
    const list = `"jobs":[${jobs.join(',')}]`;
    const added = await (batch === null
      ? batches.add(`${head},"open":${staysOpen},${list}}`)
      : batches.push(batch.id, `{"idempotencyKey":"part ${number}",${list}}`, domain));
    tellUnserved(added.unserved);
    return added;
  }
}

export interface FileToPush {
  readonly domain?: string;
  /** Of the whole file; each request has one of its own. */
  readonly idempotencyKey?: string;
}

/** Throws what is wrong with a job, and what the server says: what came before it is added. */
export async function pushFile({ batches }: Client, id: string, file: string, { domain, idempotencyKey: key }: FileToPush): Promise<Batch> {
  const tellUnserved = makeUnservedNotes();
  let batch: AddedBatch | null = null;
  let number = 0;
  for await (const jobs of groupsIn(file)) {
    number += 1;
    const keyed = key === undefined ? '' : `"idempotencyKey":${JSON.stringify(`${key} ${number}`)},`;
    batch = await batches.push(id, `{${keyed}"jobs":[${jobs.join(',')}]}`, domain);
    tellUnserved(batch.unserved);
  }
  return batch ?? batches.get(id, domain);
}

async function* groupsIn(file: string): AsyncGenerator<readonly string[]> {
  const input = await openInput(file);
  let group: string[] = [];
  let characters = 0;
  for await (const found of jsonValues(input.stream, input.name)) {
    for (const each of found) {
      if (each instanceof HatstandError) throw each;
      if (group.length === perRequest.jobs || (group.length > 0 && characters + each.text.length > perRequest.characters)) {
        yield group;
        [group, characters] = [[], 0];
      }
      group.push(each.text);
      characters += each.text.length;
    }
  }
  yield group;
}
