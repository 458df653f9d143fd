#!/usr/bin/env bash
# The benchmarks (tests/load), in release mode, on SQLite and on a PostgreSQL of their own. One line of JSON each.
set -euo pipefail
cd "$(dirname "$0")/../.."

bench() {
    cargo bench --locked --package yunqia-load
}

if ! cargo metadata --format-version 1 --no-deps --locked | grep -q '"name":"yunqia-load"'; then
    echo "there are no benchmarks in tests/load" >&2
    exit 1
fi
if tests/scripts/postgres.sh --find >/dev/null; then
    tests/scripts/postgres.sh cargo bench --locked --package yunqia-load
else
    echo "PostgreSQL is missing: SQLite alone is measured (make deps-debian)" >&2
    bench
fi
