/** Cron expressions at random, the same ones in each run. */

/** Numbers from [0, 1) that a seed gives (Mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

type Random = () => number;
const whole = (random: Random, least: number, most: number): number => least + Math.floor(random() * (most - least + 1));

function item(random: Random, least: number, most: number): string {
  const kind = random();
  const first = whole(random, least, most);
  const last = whole(random, first, most);
  if (kind < 0.55) return `${first}`;
  if (kind < 0.75) return `${first}-${last}`;
  if (kind < 0.85) return `${first}-${last}/${whole(random, 1, 7)}`;
  return kind < 0.93 ? `*/${whole(random, 2, 30)}` : `${first}/${whole(random, 1, 20)}`;
}

/** @param wild how likely it is `*` */
function field(random: Random, least: number, most: number, wild: number): string {
  if (random() < wild) return random() < 0.9 ? '*' : '?';
  return Array.from({ length: whole(random, 1, random() < 0.7 ? 1 : 3) }, () => item(random, least, most)).join(',');
}

/** Of six fields, many of which are due in the hours in which clocks are changed. */
export function expressions(count: number, seed: number): readonly string[] {
  const random = randomFrom(seed);
  return Array.from({ length: count }, () => {
    const seconds = random() < 0.7 ? '0' : field(random, 0, 59, 0.1);
    const minutes = random() < 0.3 ? '30' : field(random, 0, 59, 0.2);
    const hours = random() < 0.4 ? field(random, 0, 4, 0.1) : field(random, 0, 23, 0.25);
    // No day of the month that a month lacks: these expressions all fire.
    const [days, months, weekdays] = [field(random, 1, 28, 0.75), field(random, 1, 12, 0.85), field(random, 0, 6, 0.8)];
    return `${seconds} ${minutes} ${hours} ${days} ${months} ${weekdays}`;
  });
}
