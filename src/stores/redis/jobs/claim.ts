/** A claim, as claim.lua takes and answers it. */
import type { Claim, ClaimRequest, Want } from '../../../ports/store/jobs.ts';
import type { Found } from '../../set-aside.ts';
import type { Argument, Reply } from '../driver/driver.ts';
import { asList } from '../format/reply-reader.ts';
import { numberWord, wordOf } from '../format/words.ts';
import { readJobs } from './show.ts';

export function writeClaim(args: Argument[], { operation, holder, attemptTtl, wants: ask }: ClaimRequest): string {
  const wants = ask();
  args.push(wordOf(holder), numberWord(attemptTtl), String(wants.length));
  for (const want of wants) writeWant(args, want);
  return wordOf(operation);
}

function writeWant(args: Argument[], { worker, slots, queues }: Want): void {
  args.push(wordOf(worker), String(slots));
  if (queues === 'any') args.push('-1');
  else args.push(String(queues.length), ...queues.map(wordOf));
}

export function readClaim(reply: Reply, found: Found): Claim {
  const reader = asList(reply);
  const wait = reader.text();
  return { jobs: readJobs(reader, found), nextIn: wait === '' ? null : Number(wait) };
}
