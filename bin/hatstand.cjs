#!/usr/bin/env node
// Starts the command under a Node that can run it. Old syntax on purpose: any Node must be able to read this file and
// say what is missing.
'use strict';

var needed = 24;
var have = process.versions.node;

if (parseInt(have, 10) >= needed) require('../dist/faces/cli/main.js');
else startAgain();

function startAgain() {
  var node = findNode();
  if (node === null) {
    tell(['needs Node ', needed, ' or newer; this is Node ', have, '. Install it (https://nodejs.org, or your version manager)']);
    process.stderr.write(
      ['or run this one command under a Node from npm:\n  npx -y -p node@', needed, ' node ', ownCommand(), '\n'].join(''),
    );
    process.exit(1);
  }
  // By the name that it was called by, which may be that of a link.
  runInPlace(node, process.argv.slice(1));
}

function tell(words) {
  process.stderr.write(['hatstand '].concat(words, '\n').join(''));
}

// What was typed, for a shell, without what may be secret: it may end in a log.
function ownCommand() {
  var words = process.argv.slice(1);
  return words
    .map(function (word, at) {
      if (/(token|password|pass)$/.test(words[at - 1])) return '…';
      return word.replace(/^(--?[a-z-]*(token|password|pass)=)[^]*/, '$1…').replace(/(:\/\/)[^/]*@/g, '$1…@');
    })
    .map(function (word) {
      return /^[\w@%+=:,./…-]+$/.test(word) ? word : ["'", word.replace(/'/g, "'\\''"), "'"].join('');
    })
    .join(' ');
}

// A newer Node installed from npm beside the package or above it, or by this checkout's set-up.
function findNode() {
  var fs = require('fs');
  var path = require('path');
  var folder = path.dirname(__dirname);
  for (;;) {
    var modules = [path.join(folder, 'node_modules'), path.join(folder, '.cache', 'node', 'node_modules')];
    for (var i = 0; i < modules.length; i++) {
      var packages = [['node', process.platform, process.arch].join('-'), 'node'];
      for (var j = 0; j < packages.length; j++) {
        var node = path.join(modules[i], packages[j], 'bin', 'node');
        if (fs.existsSync(node) && isNewEnough(node)) return node;
      }
    }
    var above = path.dirname(folder);
    if (above === folder) return null;
    folder = above;
  }
}

function isNewEnough(node) {
  var asked = require('child_process').spawnSync(node, ['--version'], { encoding: 'utf8' });
  return asked.status === 0 && parseInt(asked.stdout.slice(1), 10) >= needed;
}

// The child keeps this process's group, so that killing the group ends both. A signal that the whole group receives
// reaches the child twice; the command counts it once.
function runInPlace(node, args) {
  var child;
  var signals = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2'];
  var forward = {};
  signals.forEach(function (signal) {
    forward[signal] = function () {
      child.kill(signal);
    };
    process.on(signal, forward[signal]);
  });
  // Behind the handlers: a signal may come as soon as there is a child to be told of it.
  child = require('child_process').spawn(node, args, { stdio: 'inherit' });
  child.on('error', function (error) {
    tell(['cannot start ', node, ': ', error.message]);
    process.exit(1);
  });
  child.on('exit', function (code, signal) {
    if (signal === null) process.exit(code);
    signals.forEach(function (each) {
      process.removeListener(each, forward[each]);
    });
    process.kill(process.pid, signal);
  });
}
