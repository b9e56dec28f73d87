/** Whether a file of an export came whole: its last line tells how much there is. */

const kindOf = (line: string): string | undefined => /^\s*\{\s*"kind"\s*:\s*"(hatstand|job|queue|definition|end)"/.exec(line)?.[1];

export class Tally {
  #jobs = 0;
  #queues = 0;
  #definitions = 0;
  #last = '';

  add(line: string): void {
    if (line.trim() === '') return;
    this.#last = line;
    const kind = kindOf(line);
    if (kind === 'job') this.#jobs += 1;
    if (kind === 'queue') this.#queues += 1;
    if (kind === 'definition') this.#definitions += 1;
  }

  /** What is not as the last line says, for people; `null`: nothing. */
  fault(): string | null {
    if (kindOf(this.#last) !== 'end') return 'has no last line: its export was cut off';
    const [jobs, queues, definitions] = [said(this.#last, 'jobs'), said(this.#last, 'queues'), saidOrNone(this.#last, 'definitions')];
    if (jobs !== this.#jobs || queues !== this.#queues) {
      return `says ${jobs} jobs and ${queues} queues, and has ${this.#jobs} and ${this.#queues}: lines are missing or were added`;
    }
    if (definitions === this.#definitions) return null;
    return `says ${definitions} definitions and has ${this.#definitions}: lines are missing or were added`;
  }
}

/** A last line that is none is refused as such by the server. */
function said(line: string, field: string): number {
  return Number(new RegExp(`"${field}"\\s*:\\s*(\\d+)`).exec(line)?.[1]);
}

/** An older server had no definitions, and does not say how many. */
const saidOrNone = (line: string, field: string): number => (line.includes(`"${field}"`) ? said(line, field) : 0);
