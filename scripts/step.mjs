// One line on stderr for each thing that is done: "Node 24.21.0 from npm … 3 s".
import { spawn } from 'node:child_process';
import { Failure } from './failure.mjs';
import { root } from './paths.mjs';

const seconds = (since) => {
  const passed = (performance.now() - since) / 1000;
  return passed < 9.95 ? `${passed.toFixed(1)} s` : `${Math.round(passed)} s`;
};

/** Does the work and says what it was and how long it took. */
export async function step(label, work) {
  const live = process.stderr.isTTY === true;
  if (live) process.stderr.write(`${label} … `);
  const since = performance.now();
  const say = (how) => process.stderr.write(`${live ? '' : `${label} … `}${how}\n`);
  try {
    const answer = await work();
    say(seconds(since));
    return answer;
  } catch (error) {
    say('failed');
    throw error;
  }
}

/** Runs a program to its end and answers its output; a Failure with that output when it does not succeed. */
export async function capture(command, args, options = {}) {
  const child = spawn(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], ...options });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
  }
  const code = await new Promise((resolve, reject) => {
    child.once('error', (error) => reject(new Failure(`${command} cannot be run: ${error.message}`)));
    child.once('close', (status, signal) => resolve(status ?? signal));
  });
  if (code !== 0) throw new Failure(`${[command, ...args].join(' ')} ended with ${code}:\n${output.trimEnd()}`);
  return output;
}
