#!/usr/bin/env node
const distributor = require('hatstand/distributed-task/distributor');

distributor.init(require(process.argv[2] ?? './config.json'));
