/** What an import did with its lines. */
import type { Imported } from '../client/upkeep.ts';

const counted = ['restored', 'existed', 'queues', 'limits', 'limitsKept', 'definitions', 'definitionsKept', 'failed'] as const;
/** How many queues are named, to programs and to people. */
const mostNames = { program: 100, person: 10 };

type Counts = Record<(typeof counted)[number], number>;

/** Queues that kept the settings they had. */
interface Kept {
  readonly queuesKept: number;
  readonly queuesKeptNames: readonly string[];
}

export class ImportSum {
  readonly counts: Counts = {
    ...{ restored: 0, existed: 0, queues: 0, limits: 0, limitsKept: 0 },
    ...{ definitions: 0, definitionsKept: 0, failed: 0 },
  };
  #kept: Kept = { queuesKept: 0, queuesKeptNames: [] };

  /** One answer of a server. */
  took(answer: Imported): void {
    this.#add(answer, answer);
  }

  add(other: ImportSum): void {
    this.#add(other.counts, other.#kept);
  }

  hasAny(): boolean {
    return counted.some((count) => this.counts[count] > 0) || this.#kept.queuesKept > 0;
  }

  /** For people. */
  text(): string {
    const { restored, existed, queues, failed } = this.counts;
    const { limits, limitsKept, definitions, definitionsKept } = this.counts;
    const defined = `${takenText('limits', limits, limitsKept)}${takenText('definitions', definitions, definitionsKept)}`;
    const refused = failed === 0 ? '' : `, refused ${failed}`;
    return `restored ${restored}, already there ${existed}, queues ${queues}${keptText(this.#kept)}${defined}${refused}`;
  }

  /** For programs. */
  json(): object {
    return { ...this.counts, ...this.#kept };
  }

  #add(counts: Counts, { queuesKept, queuesKeptNames }: Kept): void {
    for (const count of counted) this.counts[count] += counts[count];
    this.#kept = {
      queuesKept: this.#kept.queuesKept + queuesKept,
      queuesKeptNames: [...new Set([...this.#kept.queuesKeptNames, ...queuesKeptNames])].slice(0, mostNames.program),
    };
  }
}

/** Many stores have none. */
function takenText(what: string, taken: number, kept: number): string {
  return `${taken === 0 ? '' : `, ${what} ${taken}`}${kept === 0 ? '' : `, ${what} already there ${kept}`}`;
}

function keptText({ queuesKept, queuesKeptNames }: Kept): string {
  if (queuesKept === 0) return '';
  const shown = queuesKeptNames.slice(0, mostNames.person);
  return `, queues that keep their own settings ${queuesKept} (${shown.join(', ')}${shown.length < queuesKept ? ', …' : ''})`;
}
