/**
 * About how much a regular expression compiles to, told from its text: counted repetitions multiply, and compiling to a million
 * steps, to find that these are too many, takes seconds and hundreds of megabytes.
 */

interface Group {
  /** Steps so far. */
  steps: number;
  /** Those of the newest part, which an operator behind it repeats. */
  last: number;
}

/** What one match of each says: a quoted text, a repetition, a class, an escape, or any character. */
const parts =
  /\\Q(?<quoted>.*?)(?:\\E|$)|\{(?<least>\d+)(?<open>,(?<most>\d*))?\}|(?<one>\[\^?\]?(?:\[:\^?\w+:\]|\\.|[^\]])*\]?|\\[pPx]\{[^}]*\}|\\[pP].|\\.)|(?<other>.)/gsu;

/** At least half of RE2's count, and more than that where RE2 finds something to simplify. */
export function estimateSteps(pattern: string): number {
  let group: Group = { steps: 1, last: 0 };
  const outer: Group[] = [];
  const add = (steps: number): void => {
    group = { steps: group.steps + steps, last: steps };
  };
  for (const { groups = {} } of pattern.matchAll(parts)) {
    const { quoted, least, open, most, other } = groups;
    if (quoted !== undefined) {
      add(quoted.length);
      group.last = 1;
    } else if (least !== undefined) repeat(group, Math.max(Number(least) + (open === undefined ? 0 : 1), Number(most ?? 0)));
    else if (other === '(') {
      outer.push(group);
      group = { steps: 2, last: 0 };
    } else if (other === ')') {
      const { steps } = group;
      group = outer.pop() ?? { steps: 0, last: 0 };
      add(steps);
    } else if (other === '*' || other === '+' || other === '?') {
      group.steps += 1;
      group.last += 1;
    } else add(1);
  }
  return outer.reduce((sum, { steps }) => sum + steps, group.steps);
}

/** One that may be left out has a step more; RE2 keeps something of one that is left out. */
function repeat(group: Group, times: number): void {
  const repeated = (group.last + 1) * Math.max(1, times);
  group.steps += repeated - group.last;
  group.last = repeated;
}
