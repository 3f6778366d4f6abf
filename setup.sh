#!/bin/sh
# Makes a fresh machine ready: checks Node, installs the npm packages, and Mosquitto for the tests where it may.
# Says exactly what to install where it may not. Does nothing that is done already.
set -eu
cd "$(dirname "$0")"

fail() {
  printf 'setup: %s\n' "$1" >&2
  exit 1
}

command -v node >/dev/null || fail 'Node.js is missing: install Node 20.19 or later (Debian 13: apt-get install nodejs npm).'
node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' ||
  fail "Node $(node --version) is too old: install Node 20.19 or later."
command -v npm >/dev/null || fail 'npm is missing: install it (Debian: apt-get install npm).'

# The native engine is optional; its install script would fetch GPU libraries.
export ONNXRUNTIME_NODE_INSTALL=skip
# SQLite is compiled with all cores.
export JOBS=max
if [ ! -f node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
  npm ci --no-audit --no-fund ||
    fail 'npm ci failed. better-sqlite3 is compiled where no prebuilt binary can be had: that needs python3, make and g++ (Debian: apt-get install python3 make g++).'
fi

if ! command -v mosquitto >/dev/null && [ ! -x /usr/sbin/mosquitto ]; then
  sudo=''
  [ "$(id -u)" = 0 ] || sudo='sudo -n'
  if command -v apt-get >/dev/null && $sudo true 2>/dev/null; then
    $sudo apt-get update -qq && $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq mosquitto >/dev/null ||
      printf 'setup: Mosquitto could not be installed; tests with a real broker are skipped.\n' >&2
  else
    printf 'setup: Mosquitto is missing and this user may not install it; tests with a real broker are skipped (Debian: apt-get install mosquitto).\n' >&2
  fi
fi
