/** The order of test files: those that take longest begin first, so that none of them is left over for one processor at the end. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** About a minute each, or more. */
const longest = [
  'src/stores/sqlite/sqlite.test.ts',
  'test/scenarios/crash-matrix.test.ts',
  'test/abuse/damaged-store.test.ts',
  'test/scenarios/redis-topologies.test.ts',
  'test/faces/examples.test.ts',
  'test/faces/cli.test.ts',
  'test/scenarios/clock.test.ts',
  'test/scenarios/lock.test.ts',
  'test/scenarios/random-kills.test.ts',
  'test/abuse/attacks.test.ts',
  'src/stores/redis/redis.test.ts',
];

function placeOf({ moduleId }: TestSpecification): number {
  const at = longest.findIndex((path) => moduleId.endsWith(`/${path}`));
  return at < 0 ? longest.length : at;
}

export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    return (await super.sort(files)).toSorted((a, b) => placeOf(a) - placeOf(b));
  }
}
