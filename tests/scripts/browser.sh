#!/usr/bin/env bash
# The end-to-end tests (tests/e2e) in Chromium, against the program that is built here.
#
# They get CHROMIUM, the browser, and YUNQIA_BIN, the program. Ends with 77 when something is missing.
set -euo pipefail
cd "$(dirname "$0")/../.."

if ! command -v npm >/dev/null; then
    echo "npm is missing: install Node.js 20.19 or newer" >&2
    exit 77
fi
if [ ! -e tests/e2e/package.json ]; then
    echo "there are no end-to-end tests in tests/e2e" >&2
    exit 1
fi
CHROMIUM=$(tests/scripts/chromium.sh)
make --no-print-directory front
cargo build --locked --quiet
YUNQIA_BIN=$(cargo metadata --format-version 1 --no-deps --locked |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')/debug/yunqia
export CHROMIUM YUNQIA_BIN

make --no-print-directory tests/e2e/node_modules/.package-lock.json
cd tests/e2e
npm test
