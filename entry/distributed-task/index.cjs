'use strict';

module.exports = require('../require.cjs')('../dist/distributed-task/index.js');
