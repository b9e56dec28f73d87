#!/usr/bin/env node
const watcher = require('hatstand/distributed-task/watcher');

const [, , task, config = './config.json'] = process.argv;
watcher.init(require(config));
watcher.subscribe(task, 'number', (n) => console.log(n));
watcher.subscribe(task, '_end', ({ end }) => {
  console.log(end);
  watcher.close();
});
