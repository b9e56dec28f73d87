'use strict';

module.exports = require('./require.cjs')('../dist/index.js');
