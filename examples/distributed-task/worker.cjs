#!/usr/bin/env node
const worker = require('hatstand/distributed-task/worker');

worker.init(require(process.argv[2] ?? './config.json'));
worker.addTask('countdown', countdown);

// Counts down to nothing, and tells who watches of each number.
function countdown(manager, { data }) {
  let n = data.from;
  const timer = setInterval(() => {
    manager.emit('_update');
    manager.emit('number', n);
    if (n === 0) end('_end');
    n -= 1;
  }, 500);
  const end = (how) => {
    clearInterval(timer);
    manager.emit(how);
  };
  manager.on('stop', () => end('_stop'));
}
