/** Connections that behave badly. */
import type { Attack, Came, Target } from '../attack.ts';
import { waitedFor } from '../process-figures.ts';
import { scaled } from '../scale.ts';
import { type Connections, deaf, deafButProbing, halting, idle, pipelining, resetting, trickling } from '../sockets.ts';

/** They stand while others are watched. */
async function held(opened: Promise<Connections>, { watched }: Target, came: Came, count: number): Promise<void> {
  const connections = await opened;
  await watched();
  came.add('cut off', connections.ended);
  came.add('held', count - connections.ended);
  connections.stop();
}

const idling: Attack = {
  name: 'idle connections',
  isHeld: true,
  comes: /^(held|cut off)$/,
  play: (target, came) => held(idle(target.server.address, scaled(500, 2_000)), target, came, scaled(500, 2_000)),
};

/** Together their bodies take all of the memory for small ones: after a while those that have some of it are let go. */
const slow: Attack = {
  name: 'senders of a byte now and then',
  isHeld: true,
  comes: /^(held|cut off)$/,
  play: (target, came) => held(trickling(target.server.address, scaled(200, 500)), target, came, scaled(200, 500)),
};

const readers = scaled(50, 200);
const unread = (what: string, pathOf: (target: Target) => string): Attack => ({
  name: `unread answers of pipelined requests for ${what}`,
  isHeld: true,
  comes: /^(held|cut off)$/,
  play: (target, came) => held(deaf(target.server.address, readers, pathOf(target)), target, came, readers),
});

const resets: Attack = {
  name: 'connections that are reset',
  comes: /^reset$/,
  async play({ server }, came) {
    const count = scaled(200, 1_000);
    await resetting(server.address, count);
    came.add('reset', count);
  },
};

const pipes = 50;
const pipelined = (name: string, brings: boolean, each: number): Attack => ({
  name,
  on: 'guarded',
  isHeld: true,
  comes: brings ? /^answered$/ : /^(answered|cut off)$/,
  async play({ server, token, watched }, came) {
    const connections = await pipelining(server.address, pipes, each, brings ? token : null);
    await watched();
    if (!brings) await connections.allEnded();
    came.add('answered', connections.answers);
    if (!brings && connections.answers !== pipes) came.add(`${connections.answers} answers to ${pipes} connections`);
    if (!brings) came.add('cut off', connections.ended);
    connections.stop();
  },
});

/** Ask for what no system's buffers hold. */
const untaken: Attack = {
  name: 'answers of which nothing is taken, which may last 30 s',
  isHeld: true,
  isLong: true,
  comes: /^ended in time$/,
  async play(target, came) {
    const path = `/v1/jobs/${target.large[0]}`;
    await inTime(target, 30, () => deafButProbing(target.server.address, 20, path), came, 20);
  },
};

/** The server looks every second, a busy machine takes a part of one, and what the server waited for a processor is the machine's. */
async function inTime({ pids }: Target, seconds: number, connect: () => Promise<Connections>, came: Came, count: number): Promise<void> {
  const [began, waited] = [performance.now(), waitedFor(pids)];
  await (await connect()).allEnded();
  const took = (performance.now() - began) / 1_000;
  const isInTime = took >= seconds - 0.1 && took <= seconds + 2 + (waitedFor(pids) - waited) / 1_000;
  came.add(isInTime ? 'ended in time' : `ended after ${took.toFixed(1)} s`, count);
}

const head = 'GET /livez HTTP/1.1\r\nHo';
const body = 'POST /job HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\n{';

/** @param seconds after which the server tells that it ends them */
const halted = (what: string, sent: string, seconds: number): Attack => ({
  name: `${what}, which may take ${seconds} s`,
  isHeld: true,
  isLong: true,
  comes: /^ended in time$/,
  async play(target, came) {
    const count = 100;
    await inTime(target, seconds, () => halting(target.server.address, count, sent), came, count);
  },
});

export const connectionAttacks: readonly Attack[] = [
  idling,
  slow,
  unread('a list', () => '/job'),
  unread('an export', () => '/v1/export'),
  unread('a large job', ({ large }) => `/v1/jobs/${large[0]}`),
  resets,
  pipelined('pipelined requests with the token', true, scaled(500, 10_000)),
  pipelined('pipelined requests without the token', false, scaled(500, 10_000)),
  untaken,
  halted('heads that do not come to their end', head, 10),
  halted('bodies that do not come to their end', body, 60),
];
