/**
 * What may take long to make is made a few at a time, so that others are answered meanwhile. Each kind waits for its own turns alone,
 * in the order of asking, and is refused when none comes in time.
 */
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Millis } from '../../../core/duration.ts';
import { goneAlready } from '../leaving.ts';
import { makeRoom, type Room, type Share } from './room.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its answers are made in turns. */
    readonly turn?: Turn;
    /** Who reads its body takes a turn of `many` when there are many values in it. */
    readonly readsInTurn?: boolean;
  }
  interface FastifyRequest {
    /** A turn of `many`, for a route that reads in turns; `null`: it is another one. */
    takeTurn: (() => Promise<unknown>) | null;
  }
  interface FastifyReply {
    /** That it has; given to others when it is answered, whether or not its client is still there: until then it is worked on. */
    turn: Pick<Share, 'release'> | null;
    /**
     * For a request of which only its handler knows that it takes long, or when. Answers how to give the turn to others; the answer
     * itself does so, too. Throws `overloaded` when none comes in time, and `unreachable` when the client is gone by then.
     */
    takeTurn(turn: Turn): Promise<() => void>;
  }
}

/** An answer that may be as large as a job; a request that brings many jobs. */
type Turn = 'record' | 'many';

interface Turns {
  readonly atOnce: number;
  readonly within: Millis;
  /** To whom no turn comes. */
  readonly told: string;
}

/**
 * A turn is held no longer than this, whatever its request does: one that waits for what never comes, such as the schema of a worker in
 * this program, would hold up all others for good.
 */
const longestTurn: Millis = 60_000;

const turns: Readonly<Record<Turn, Turns>> = {
  /** Each may take some megabytes, twice, before it is known how large it is. */
  record: { atOnce: 8, within: 5_000, told: 'Too many answers that may be large are being made. Ask again in a moment.' },
  /** Two keep the process busy. They are here already, and whoever sends much waits rather than sends it again. */
  many: {
    atOnce: 2,
    within: 30_000,
    told: 'Too many requests that bring many jobs are worked on. Nothing of this one is kept: send it again in a moment.',
  },
};

export function makeInTurns(app: FastifyInstance): void {
  const roomOf = ({ atOnce, told, within }: Turns): Room => makeRoom(atOnce, told, within);
  const rooms = { record: roomOf(turns.record), many: roomOf(turns.many) };

  async function take(reply: FastifyReply, kind: Turn): Promise<() => void> {
    const turn = await unlessGone(reply, rooms[kind].await(1)).catch((error: unknown) => {
      // As whoever takes no large answers: with what else it has asked for.
      void reply.header('retry-after', '1').header('connection', 'close');
      throw error;
    });
    const late = setTimeout(turn.release, longestTurn).unref();
    const release = (): void => {
      clearTimeout(late);
      turn.release();
    };
    reply.turn = { release };
    // The work goes on when its client leaves from now on, so it keeps its turn.
    return release;
  }

  app.decorateReply('turn', null);
  app.decorateReply('takeTurn', function takeTurn(kind) {
    return take(this, kind);
  });
  app.decorateRequest('takeTurn', null);
  app.addHook('onRoute', (route) => {
    const kind = route.config?.turn;
    if (route.config?.readsInTurn === true) route.preParsing = [giveTurn];
    if (kind !== undefined) route.preHandler = [async (_request, reply) => void (await take(reply, kind))];
  });
}

async function giveTurn(request: FastifyRequest, reply: FastifyReply): Promise<void> {
  request.takeTurn = () => reply.takeTurn('many');
}

/** Whose client leaves before begins nothing, and what it has sent is let go of at once, however long others wait before it. */
function unlessGone({ raw }: FastifyReply, coming: Promise<Share>): Promise<Share> {
  return new Promise((resolve, reject) => {
    const leave = (): void => {
      reject(goneAlready());
      coming.then(
        (share) => share.release(),
        () => undefined,
      );
    };
    if (raw.destroyed) {
      leave();
      return;
    }
    raw.once('close', leave);
    coming.then(resolve, reject).finally(() => raw.off('close', leave));
  });
}
