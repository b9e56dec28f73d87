// How far it is: a bar in place on a terminal, else a line for each quarter.
import { count, dim, print } from './show.mjs';

const width = 40;

export function makeProgress(total) {
  const live = process.stdout.isTTY === true;
  const since = performance.now();
  let told = 0;

  const text = (done) => {
    const full = Math.round((done / total) * width);
    const bar = `${'━'.repeat(full)}${dim('━'.repeat(width - full))}`;
    const seconds = ((performance.now() - since) / 1_000).toFixed(1);
    return live
      ? `  ${bar}  ${count(done)} of ${count(total)} jobs  ${dim(`${seconds} s`)}`
      : `  ${count(done)} of ${count(total)} jobs  ${seconds} s`;
  };

  return {
    show(done) {
      if (live) process.stdout.write(`\r\x1b[K${text(done)}`);
      else if (done >= told + total / 4) {
        told = done - (done % (total / 4));
        print(text(told));
      }
    },
    end: () => print(live ? '\n' : ''),
  };
}
