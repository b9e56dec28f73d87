/** A TCP proxy before a server, to make connections to it slow, silent or broken. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** Milliseconds that everything takes in each direction, for what comes from now on. */
  delay(time: number): void;
  /** Forwards nothing any more and closes nothing: half-open. New connections are taken and as silent. */
  silence(): void;
  /** Requests pass, replies are swallowed; but that a script is not known comes through, since nothing was done then. */
  swallowReplies(): void;
  /** Forwards again, for new connections; the silent ones stay so. */
  restore(): void;
  /** Breaks every connection. */
  cut(): void;
  close(): Promise<void>;
}

type Mode = 'forward' | 'silence' | 'swallow replies';

export async function startProxy(target: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let mode: Mode = 'forward';
  let latency = 0;

  /** What was lost stays lost: a connection that has lost bytes must not go on. */
  function forward(from: Socket, to: Socket, isLost: (data: Buffer) => boolean): void {
    let lost = false;
    const onTheWay: Buffer[] = [];
    sockets.add(from.setNoDelay(true));
    from.on('data', (data) => {
      lost ||= isLost(data);
      if (lost) return;
      onTheWay.push(data);
      // What came first leaves first, also when the delay has just become shorter.
      setTimeout(() => to.write(onTheWay.shift() ?? ''), latency);
    });
    from.on('error', () => {});
    from.on('close', () => {
      sockets.delete(from);
      if (!lost) to.destroy();
    });
  }

  const server = createServer((client) => {
    const upstream = connect(target, '127.0.0.1');
    forward(client, upstream, () => mode === 'silence');
    forward(
      upstream,
      client,
      (reply) => mode === 'silence' || (mode === 'swallow replies' && !reply.toString('latin1').startsWith('-NOSCRIPT')),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');

  function cut(): void {
    for (const socket of sockets) socket.destroy();
  }

  return {
    port: (server.address() as AddressInfo).port,
    delay(time) {
      latency = time;
    },
    silence() {
      mode = 'silence';
    },
    swallowReplies() {
      mode = 'swallow replies';
    },
    restore() {
      mode = 'forward';
    },
    cut,
    async close() {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
