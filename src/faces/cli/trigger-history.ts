import type { Command } from 'commander';
import { HatstandError } from '../../core/errors.ts';
import { readTime } from '../../core/time.ts';
import type { Client, Job, JobSummary, TriggerDecision, TriggerHistory } from '../client/client.ts';
import { askingServer, type ClientOptions, clientOf } from './client-command.ts';
import { whole } from './option-values.ts';
import { table } from './table.ts';
import { note, plain, print, printLine } from './terminal.ts';
import { relativeTime } from './times.ts';

interface HistoryOptions extends ClientOptions {
  readonly domain?: string;
  readonly limit: number;
}

export function addTriggerHistory(triggers: Command): void {
  const command = triggers
    .command('history')
    .description('tell what was decided about a trigger, with why, and which jobs it has pushed, the newest first')
    .argument('<id>', 'the trigger')
    .option('--domain <name>', 'its tenant')
    .option('-l, --limit <n>', 'so many decisions, and so many jobs', whole(1, 500), 20);
  const json = '`{"decisions": […], "since": "…", "jobs": […]}`, as `GET /v1/triggers/<id>/history` and `GET /v1/jobs` have them';
  askingServer(command, ['hatstand triggers history nightly'], json).action(async (id: string, options: HistoryOptions) => {
    const client = clientOf(options);
    const { decisions, since } = await decided(client, id, options);
    const { jobs } = await client.jobs.list({ q: `owner:"trigger/${options.domain ?? ''}/${id}"`, limit: options.limit });
    if (options.json === true) return printLine(JSON.stringify({ decisions, since, jobs }));
    await print(`${decisionTable(decisions)}${decisions.length === 0 || jobs.length === 0 ? '' : '\n'}`);
    if (jobs.length > 0) await print(jobTable(jobs));
    if (since !== null && decisions.length < options.limit && (await isOlder(client, id, options, since)))
      note(`What was decided before ${since} is not known any more.`);
  });
}

/** Whether something may have been decided about it before that time. */
async function isOlder(client: Client, id: string, { domain }: HistoryOptions, since: string): Promise<boolean> {
  try {
    const { createdAt } = await client.triggers.get(id, domain);
    return (readTime(createdAt) ?? 0) < (readTime(since) ?? 0);
  } catch (error) {
    // It is gone, and with it when it was made.
    if (error instanceof HatstandError && error.code === 'not_found') return true;
    throw error;
  }
}

/** A page of the server may have fewer than there are. */
async function decided(
  client: Client,
  id: string,
  { domain, limit }: HistoryOptions,
): Promise<Pick<TriggerHistory, 'decisions' | 'since'>> {
  const found: TriggerDecision[] = [];
  let page = await client.triggers.history(id, { domain, limit });
  found.push(...page.decisions);
  while (page.next !== null && found.length < limit) {
    page = await client.triggers.history(id, { domain, limit: limit - found.length, before: page.next });
    found.push(...page.decisions);
  }
  return { decisions: found, since: page.since };
}

function decisionTable(decisions: readonly TriggerDecision[]): string {
  const now = Date.now();
  return table(
    ['DECIDED', 'WHY', 'JOBS'],
    decisions.map((each) => [
      relativeTime(each.at, now),
      plain(each.kind === 'changed' ? each.why || `changed: version ${each.version}` : whyOf(each)),
      each.kind === 'changed' ? '' : plain(each.jobs.map(({ id, state }) => `${id} ${state}`).join(', ')),
    ]),
  );
}

const whyOf = (decision: Exclude<TriggerDecision, { kind: 'changed' }>): string =>
  decision.kind === 'pushed' ? decision.why : whyDecided(decision);

const whyDecided = ({ why, overlap }: Extract<TriggerDecision, { kind: 'decided' }>): string =>
  overlap ? `an earlier job was in the way; ${why}` : why || 'nothing to do';

function jobTable(jobs: readonly (Job | JobSummary)[]): string {
  const now = Date.now();
  return table(
    ['ID', 'STATE', 'PUSHED', 'ATTEMPTS', 'ERROR'],
    jobs.map((job) => [job.id, job.state, relativeTime(job.createdAt, now), `${job.attempt}/${job.attempts}`, plain(job.error)]),
  );
}
