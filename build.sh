#!/bin/sh
# Builds the artifact from the node_modules that are there:
#   dist/edgewright-<version>-linux-<arch>-node<abi>.tar.gz
# The same commit gives the same bytes. Usage: ./build.sh [OUTPUT_FOLDER]
set -eu
cd "$(dirname "$0")"
out=${1:-dist}
limit=8500000

fail() {
  printf 'build: %s\n' "$1" >&2
  exit 1
}

addon=node_modules/better-sqlite3/build/Release/better_sqlite3.node
[ -d node_modules/tsup ] && [ -f "$addon" ] || fail 'packages are missing: run ./setup.sh first.'
node -e "new (require('better-sqlite3'))(':memory:').close()" ||
  fail "the SQLite addon in node_modules is not for $(node --version): run npm rebuild better-sqlite3."

epoch=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
name=$(node -p "[
  'edgewright', require('./package.json').version, process.platform, process.arch, 'node' + process.versions.modules
].join('-')")

stage=$(mktemp -d)
trap 'rm -rf "$stage"' EXIT
root=$stage/$name
mkdir -p "$root/native" "$out"

node packaging/bundle.mjs "$root" "$epoch"
cp "$addon" "$root/native/"
if command -v strip >/dev/null; then strip --strip-unneeded "$root/native/better_sqlite3.node"; fi
node -e "process.dlopen({ exports: {} }, '$root/native/better_sqlite3.node')" || fail 'the stripped SQLite addon does not load.'
cp packaging/edgewright "$root/"
cp -R device-config docs models LICENSE README.md ERRORS.md "$root/"
rm -rf "$root/models/training" "$root/device-config/data"
find "$root" -name __pycache__ -prune -exec rm -rf {} +
node packaging/plain-links.mjs "$root"
chmod -R u=rwX,go=rX "$root"

archive=$out/$name.tar.gz
tar --sort=name --mtime="@$epoch" --owner=0 --group=0 --numeric-owner --format=gnu -C "$stage" -cf "$stage/$name.tar" "$name"
gzip -9nc "$stage/$name.tar" >"$archive.part"
mv "$archive.part" "$archive"

bytes=$(wc -c <"$archive" | tr -d ' ')
printf '%s  %s bytes (%s MB of %s MB allowed)\n' "$archive" "$bytes" \
  "$(awk "BEGIN { printf \"%.2f\", $bytes / 1e6 }")" "$(awk "BEGIN { printf \"%.1f\", $limit / 1e6 }")"
[ "$bytes" -le "$limit" ] || fail 'the artifact is too large.'
