// Loaded into all threads of the server before their own code: tells each turn of a thread that took long by the processor's own
// count, which does not count what others on this machine take. Only expressions may: they have a thread and a budget of their own.
const { argv, threadCpuUsage, stdout } = require('node:process');

const told = 50;
const every = 10;

const used = () => {
  const { user, system } = threadCpuUsage();
  return (user + system) / 1_000;
};

if (!/searcher-thread/.test(argv[1] ?? '')) {
  let before = used();
  setInterval(() => {
    const now = used();
    if (now - before > told) stdout.write(`${JSON.stringify({ msg: 'turn', millis: Math.round(now - before) })}\n`);
    before = now;
  }, every).unref();
}
