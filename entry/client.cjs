'use strict';

module.exports = require('./require.cjs')('../dist/client.js');
