/** Whether a file of an export came whole: its last line tells how much there is. */

const kindOf = (line: string): string | undefined => /^\s*\{\s*"kind"\s*:\s*"(job|queue|end)"/.exec(line)?.[1];

export class Tally {
  #jobs = 0;
  #queues = 0;
  #last = '';

  add(line: string): void {
    if (line.trim() === '') return;
    this.#last = line;
    const kind = kindOf(line);
    if (kind === 'job') this.#jobs += 1;
    if (kind === 'queue') this.#queues += 1;
  }

  /** What is not as the last line says, for people; `null`: nothing. */
  fault(): string | null {
    if (kindOf(this.#last) !== 'end') return 'has no last line: its export was cut off';
    const [jobs, queues] = [said(this.#last, 'jobs'), said(this.#last, 'queues')];
    if (jobs === this.#jobs && queues === this.#queues) return null;
    return `says ${jobs} jobs and ${queues} queues, and has ${this.#jobs} and ${this.#queues}: lines are missing or were added`;
  }
}

/** A last line that is none is refused as such by the server. */
function said(line: string, field: string): number {
  return Number(new RegExp(`"${field}"\\s*:\\s*(\\d+)`).exec(line)?.[1]);
}
