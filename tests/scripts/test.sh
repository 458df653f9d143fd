#!/usr/bin/env bash
# The tests, part by part. Every part runs even when an earlier one failed; the last line sums up.
#
#   tests/scripts/test.sh all | rust | front | browser | nightly
#
# A part whose tools are missing and cannot be installed is told and left out; with CI=true that is a failure, but for what only
# few systems have (a part that ends with 78).
set -uo pipefail
cd "$(dirname "$0")/../.."

log=$(mktemp "${TMPDIR:-/tmp}/yunqia-test.XXXXXX")
trap 'rm -f "$log"' EXIT
passed=0
failed=0
left_out=0
wrong=()

# Adds up what cargo, vitest and Playwright say.
count() {
    local sums
    sums=$(sed -E 's/\x1b\[[0-9;]*m//g' "$log" | awk '
        /^test result: / { for (i = 1; i < NF; i++) { if ($(i+1) ~ /^passed/) p += $i; if ($(i+1) ~ /^failed/) f += $i } next }
        /^ *Tests  / { for (i = 1; i < NF; i++) { if ($(i+1) == "passed") p += $i; if ($(i+1) == "failed") f += $i } next }
        /^ +[0-9]+ passed \(/ { p += $1 }
        /^ +[0-9]+ failed$/ { f += $1 }
        END { print p + 0, f + 0 }')
    passed=$((passed + ${sums% *}))
    failed=$((failed + ${sums#* }))
}

# part NAME COMMAND …
part() {
    local name=$1 status=0 began=$SECONDS
    shift
    printf '\n== %s\n' "$name"
    "$@" 2>&1 | tee "$log"
    status=${PIPESTATUS[0]}
    count
    if [ "$status" = 77 ] || [ "$status" = 78 ]; then
        left_out=$((left_out + 1))
        echo "== $name: LEFT OUT, something is missing (see above)"
        [ "${CI:-}" = true ] && [ "$status" = 77 ] && wrong+=("$name: something is missing")
    elif [ "$status" != 0 ]; then
        wrong+=("$name: ended with $status")
        echo "== $name: FAILED ($((SECONDS - began)) s)"
    else
        echo "== $name: passed ($((SECONDS - began)) s)"
    fi
}

need() {
    command -v "$1" >/dev/null && return 0
    echo "$1 is missing: $2"
    return 77
}

# Same flags everywhere, so that nothing is compiled twice.
rust_tests() {
    need cargo "install Rust from https://rustup.rs" || return
    cargo test --locked --workspace --no-run --quiet || return
    [ "${CI:-}" != true ] || export TEST_NOTHING_SKIPPED=1
    tests/scripts/postgres.sh cargo test --locked --workspace --no-fail-fast
    local status=$?
    [ "$status" = 77 ] || return "$status"
    echo "PostgreSQL is missing: the tests run on SQLite alone."
    cargo test --locked --workspace --no-fail-fast || return
    return 77
}

# The same fault tests with long times; one after another, since they measure nothing but must not starve each other.
rust_nightly() {
    need cargo "install Rust from https://rustup.rs" || return
    [ "${CI:-}" != true ] || export TEST_NOTHING_SKIPPED=1
    TEST_LONG=1 tests/scripts/postgres.sh cargo test --locked --package yunqia-app --no-fail-fast -- --nocapture
}

# Whole events of many seeds. A failure names its seed and how to play it again.
rust_simulation() {
    need cargo "install Rust from https://rustup.rs" || return
    [ "${CI:-}" != true ] || export TEST_NOTHING_SKIPPED=1
    YUNQIA_SIM_SEEDS="${SEEDS:-1000..1050}" YUNQIA_SIM_STEPS="${STEPS:-5000}" tests/scripts/postgres.sh \
        cargo test --locked --package yunqia-tests-sim --test sim random_events -- --nocapture
}

rust_lints() {
    need cargo "install Rust from https://rustup.rs" || return
    cargo fmt --all --check && cargo clippy --locked --workspace --all-targets --quiet -- -D warnings
}

# What the standard of sockets says, by others' tests. The echo it talks with was built with the tests.
socket_suite() {
    need cargo "install Rust from https://rustup.rs" || return
    need node "install Node.js 20.19 or newer" || return
    tests/scripts/autobahn.sh
}

front_build() {
    need npm "install Node.js 20.19 or newer" || return
    make --no-print-directory front
}

front_checks() {
    need npm "install Node.js 20.19 or newer" || return
    (cd frontend && npm run --silent format:check && npm run --silent check)
}

front_tests() {
    need npm "install Node.js 20.19 or newer" || return
    (cd frontend && npm run --silent test)
}

# The types that the pages are written against are those that the program describes.
types() {
    need npm "install Node.js 20.19 or newer" || return
    (cd frontend && npm run --silent types -- --check)
}

case "${1:-all}" in
all)
    part "front end: build" front_build
    part "front end: format and types" front_checks
    part "front end: unit tests" front_tests
    part "Rust: format and lints" rust_lints
    part "Rust: tests on SQLite and PostgreSQL" rust_tests
    part "the socket: Autobahn test suite" socket_suite
    part "front end: the interface's types" types
    part "browser: end to end" tests/scripts/browser.sh
    ;;
rust)
    part "Rust: tests on SQLite and PostgreSQL" rust_tests
    ;;
front)
    part "front end: build" front_build
    part "front end: format and types" front_checks
    part "front end: unit tests" front_tests
    ;;
nightly)
    part "Rust: faults at length" rust_nightly
    part "Rust: the simulation with many seeds" rust_simulation
    ;;
browser)
    part "browser: end to end" tests/scripts/browser.sh
    ;;
*)
    echo "usage: $0 all | rust | front | browser | nightly" >&2
    exit 2
    ;;
esac

echo
for line in ${wrong[@]+"${wrong[@]}"}; do
    echo "FAILED $line"
done
[ "$left_out" = 0 ] || echo "$left_out parts were left out, because something is missing here."
echo "$passed passed, $failed failed"
[ ${#wrong[@]} = 0 ] && [ "$failed" = 0 ]
