/** Requests as they are, sent over real connections. */
import { Agent, request } from 'node:http';
import type { Answer } from '../../src/faces/http/server.suite.ts';

export interface Sent {
  readonly method: string;
  /** Path and query, encoded. */
  readonly target: string;
  /** Names may stand twice. */
  readonly headers: readonly (readonly [string, string])[];
  readonly body: Buffer | null;
}

export interface Wire {
  /** `null`: the client left before there was an answer. Rejects when the connection broke, or nothing came for two minutes. */
  send(sent: Sent, leaveAfter?: number): Promise<Answer | null>;
  close(): void;
}

const patience = 120_000;

/** @param address `http://host:port` */
export function openWire(address: string, connections: number): Wire {
  const agent = new Agent({ keepAlive: true, maxSockets: connections });
  const { hostname, port } = new URL(address);

  function send({ method, target, headers, body }: Sent, leaveAfter = patience): Promise<Answer | null> {
    return new Promise((resolve, reject) => {
      const head = [...(headers.some(([name]) => name === 'host') ? [] : [['host', `${hostname}:${port}`]]), ...headers].flat();
      const length = body === null || headers.some(([name]) => name === 'transfer-encoding') ? [] : ['content-length', String(body.length)];
      // What may be taken for the beginning of another request must not meet one.
      const isAlone = headers.some(([name]) => name === 'content-length' || name === 'transfer-encoding');
      const sent = request({ agent: isAlone ? false : agent, hostname, port, method, path: target, headers: [...head, ...length] });
      const leave = AbortSignal.timeout(leaveAfter);
      leave.addEventListener('abort', () => {
        if (leaveAfter === patience) reject(new Error(`no answer within ${patience} ms`));
        resolve(null);
        sent.destroy();
      });
      const fail = (error: Error): void => reject(error);
      sent.once('error', fail);
      sent.once('response', (answer) => {
        const pieces: Buffer[] = [];
        answer.on('data', (piece: Buffer) => pieces.push(piece));
        answer.once('error', fail);
        answer.once('end', () => {
          resolve(answerOf(answer.statusCode ?? 0, answer.headers, Buffer.concat(pieces).toString()));
        });
      });
      sent.end(body ?? undefined);
    });
  }

  return { send, close: () => agent.destroy() };
}

/** What is no JSON is `{}` as JSON. */
function answerOf(status: number, headers: Answer['headers'], text: string): Answer {
  let json: Answer['json'] | null = null;
  return {
    status,
    headers,
    text,
    get json() {
      json ??= parsed(text);
      return json;
    },
  };
}

function parsed(text: string): Answer['json'] {
  try {
    return JSON.parse(text);
  } catch {
    return {};
  }
}
