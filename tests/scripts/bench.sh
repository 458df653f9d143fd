#!/usr/bin/env bash
# The benchmarks (tests/load) of the program in release mode, on SQLite and on a PostgreSQL of their own. One line of JSON each.
set -euo pipefail
cd "$(dirname "$0")/../.."

cargo build --locked --release --package yunqia-app --package yunqia-load
target=$(cargo metadata --format-version 1 --no-deps --locked |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')
export YUNQIA_BIN=$target/release/yunqia

# The first page is measured in a browser, through the driver of the end-to-end tests.
if CHROMIUM=$(tests/scripts/chromium.sh); then
    export CHROMIUM
    make --no-print-directory tests/e2e/node_modules/.package-lock.json >&2
else
    unset CHROMIUM
fi

# A hall of thousands needs as many descriptors on both ends.
ulimit -n "$(ulimit -Hn)"

# The tests' PostgreSQL need not keep anything; what is measured is acknowledged when it is on the disk.
export POSTGRES_OPTIONS="-c fsync=on -c synchronous_commit=on -c full_page_writes=on"
if tests/scripts/postgres.sh --find >/dev/null; then
    tests/scripts/postgres.sh "$target/release/yunqia-load" "${1:-all}"
else
    echo "PostgreSQL is missing: SQLite alone is measured (make deps-debian)" >&2
    "$target/release/yunqia-load" "${1:-all}"
fi
