#!/bin/sh
# Whether dist/ is what src/ and package-lock.json give. Needs node and npm, and installs the locked packages first.
set -e
cd "$(dirname "$0")"
[ -d node_modules ] || npm ci --silent --no-audit --no-fund
fresh=$(mktemp -d)
trap 'rm -rf "$fresh"' EXIT
node build.mjs "$fresh"
diff -r dist "$fresh" > /dev/null || { echo "dist/ is not what src/ gives: npm run build, then commit dist/."; exit 1; }
echo "dist/ is what src/ gives."
