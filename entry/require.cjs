// Loads the built library for those who ask for it, unless this Node is too old to. Old syntax on purpose: any Node must be
// able to read this file and say what is missing.
'use strict';

var needed = 24;

module.exports = (path) => {
  var have = process.versions.node;
  if (parseInt(have, 10) >= needed) return require(path);
  throw tooOld([
    'hatstand needs Node ',
    needed,
    ' or newer; this is Node ',
    have,
    '. Install it (https://nodejs.org, or your version manager), or run: npx -y -p node@',
    needed,
    ' node ',
    process.argv[1] || '<your program>',
  ]);
};

function tooOld(words) {
  var error = new Error(words.join(''));
  // Where it was thrown helps nobody.
  error.stack = error.message;
  return error;
}
