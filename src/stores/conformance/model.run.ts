/** Runs a command on one store and answers all that can be seen of what it did. */
import { type Call, type Command, plan } from './model.commands.ts';
import { showDue } from './model.definitions.ts';
import { unit } from './model.new-jobs.ts';
import { type Planned, runTurn } from './model.turn.ts';
import type { World } from './model.world.ts';
import { all } from './subject.ts';

export async function run(world: World, command: Command): Promise<unknown> {
  switch (command.kind) {
    case 'turn':
      return runTurn(world, await planAll(world, command.calls));
    case 'pass':
      return world.opened.advance(command.units * unit);
    case 'due':
      return showDue(world, command.behind);
    case 'list':
      return list(world, command);
    default:
      return runTurn(world, await planAll(world, [command]));
  }
}

async function planAll(world: World, calls: readonly Call[]): Promise<readonly Planned[]> {
  const plans: Planned[] = [];
  world.atOnce = calls.length;
  for (const call of calls) {
    const planned = await plan(world, call);
    if (planned !== null) plans.push(planned);
  }
  return plans;
}

async function list(world: World, { state, newest, limit }: Extract<Command, { readonly kind: 'list' }>): Promise<unknown> {
  const filter = [{ field: 'state', not: false, any: [state] }] as const;
  const { jobs } = await world.opened.store.jobs.list({ ...all, filter, order: newest ? 'newest' : 'oldest', limit });
  return jobs.map((job) => world.job(job));
}
