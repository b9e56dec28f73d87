'use strict';

module.exports = require('./require.cjs')('../dist/faces/client/client.js');
