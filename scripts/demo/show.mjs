// The demo's words.
const colored = process.stdout.isTTY === true && process.env.NO_COLOR === undefined;
const paint = (code) => (text) => (colored ? `\x1b[${code}m${text}\x1b[0m` : text);
export const bold = paint('1');
export const dim = paint('2');
export const good = paint('32');
export const bad = paint('31');

export const print = (text) => process.stdout.write(`${text}\n`);
export const count = (number) => Math.round(number).toLocaleString('en-US');
const millis = (number) => (number < 1_000 ? `${number} ms` : `${(number / 1_000).toFixed(1)} s`);

export function welcome({ version, survives }, server, app) {
  return `
${bold(`Hatstand ${version}`)}

  ${dim('server')}   ${server}
  ${dim('page')}     ${server}/ui
  ${dim('web app')}  ${app}  ${dim('examples/workerapp, where the jobs are POSTed')}
  ${dim('kept')}     ${survives}
`;
}

export function resultTable({ succeeded, failed, retried, wait, run, pushRate, rate }) {
  const line = (name, left, right) => `  ${name.padEnd(22)}${left.padStart(12)}${right.padStart(12)}`;
  const head = (left, right) => dim(line('', left, right));
  const counts = (name, { expected, got }) => {
    const text = line(name, count(expected), count(got));
    return expected === got ? text : bad(text);
  };
  const times = (name, { p50, p95 }) => line(name, millis(p50), millis(p95));
  return `${[
    head('expected', 'got'),
    counts('succeeded', succeeded),
    counts('failed on purpose', failed),
    counts('tried more than once', retried),
    '',
    head('p50', 'p95'),
    times('wait for a slot', wait),
    times('run', run),
    '',
    head('', 'jobs/s'),
    line('pushed and kept', '', count(pushRate)),
    line('run to the end', '', count(rate)),
  ].join('\n')}\n`;
}
