#!/usr/bin/env bash
# The benchmarks (tests/load) in release mode, on SQLite and on a PostgreSQL of their own. One line of JSON each, with the
# conditions; what they say besides goes to standard error.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --locked --release --quiet -p yunqia-app -p yunqia-load >&2
target=$(cargo metadata --format-version 1 --no-deps --locked |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')
export YUNQIA_BIN="$target/release/yunqia"
# Each socket is a file on both sides.
ulimit -n "$(ulimit -Hn)"

if tests/scripts/postgres.sh --find >/dev/null 2>&1; then
    tests/scripts/postgres.sh "$target/release/yunqia-load" "${@:-all}"
else
    "$target/release/yunqia-load" "${@:-all}"
fi
