'use strict';
// Runs before anything else is loaded, also on a Node that is far too old: plain JavaScript of 2015.
// target.json, written by the build, says which Node the SQLite addon beside this was made for.

const target = require('./target.json');

function refuse(reason, action) {
  process.stderr.write('error: edgewright: ' + reason + '\n  what to do: ' + action + '\n');
  process.exit(1);
}

function isOlder(version, minimum) {
  const have = version.split('.').map(Number);
  const want = minimum.split('.').map(Number);
  for (let i = 0; i < want.length; i += 1) {
    if (have[i] !== want[i]) return have[i] < want[i];
  }
  return false;
}

const version = process.versions.node;
const abi = process.versions.modules;
const machine = process.platform + '-' + process.arch;
const wanted = target.platform + '-' + target.arch;
const other = 'or name a fitting one with EDGEWRIGHT_NODE=/path/to/node';

if (machine !== wanted) {
  refuse('this build is for ' + wanted + ', and this is ' + machine, 'Take the build whose name has ' + machine + '.');
} else if (abi !== target.abi) {
  refuse(
    'this build is for Node ' + target.major + ' (ABI ' + target.abi + '), and ' + process.execPath + ' is Node ' +
      version + ' (ABI ' + abi + ')',
    'Install Node ' + target.major + ', ' + other + ', or take the build whose name ends in node' + abi + '.'
  );
} else if (isOlder(version, target.minimum)) {
  refuse(
    'it needs Node ' + target.minimum + ' or later, and ' + process.execPath + ' is Node ' + version,
    'Install a later Node ' + target.major + ', ' + other + '.'
  );
} else {
  import('./main.js');
}
