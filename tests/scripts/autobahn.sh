#!/usr/bin/env bash
# The socket against the Autobahn test suite (RFC 6455), which needs Python 2.7. Where that is missing this says so and ends with 77;
# with TEST_NOTHING_SKIPPED that is a failure.
#
#   tests/scripts/autobahn.sh [folder for the report]
#
# PYTHON2 names the interpreter.
set -euo pipefail
cd "$(dirname "$0")/../.."

find_python() {
    local name
    for name in "${PYTHON2:-}" python2.7 "$HOME"/.pyenv/versions/2.7.*/bin/python2.7; do
        if [ -n "$name" ] && command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info[0] != 2)' 2>/dev/null; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

if ! python=$(find_python); then
    echo "skipped: the Autobahn test suite needs Python 2.7 (PYTHON2)" >&2
    [ -z "${TEST_NOTHING_SKIPPED:-}" ] || exit 1
    exit 77
fi

suite=${XDG_CACHE_HOME:-$HOME/.cache}/yunqia/autobahn
if [ ! -x "$suite/bin/wstest" ]; then
    "$python" -m virtualenv --version >/dev/null 2>&1 || "$python" -m pip install --quiet --user 'virtualenv<20.16' >&2
    "$python" -m virtualenv --quiet "$suite" >&2
    "$suite/bin/pip" install --quiet autobahntestsuite==0.8.2 >&2
fi

cargo build --locked --quiet --package yunqia-web --example echo
target=$(cargo metadata --format-version 1 --no-deps --locked |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')
port=${PORT:-$((20000 + RANDOM % 10000))}
"$target/debug/examples/echo" "127.0.0.1:$port" &
echo=$!
report=${1:-$(mktemp -d)}
trap 'kill $echo 2>/dev/null || true' EXIT

# Compression (12, 13) is not spoken; 9 are long messages, of which the largest take minutes without optimisation.
cat >"$report/spec.json" <<JSON
{ "outdir": "$report", "servers": [{ "agent": "yunqia", "url": "ws://127.0.0.1:$port" }],
  "cases": ["*"], "exclude-cases": ["9.1.6", "9.2.6", "9.3.1", "9.4.1", "12.*", "13.*"], "exclude-agent-cases": {} }
JSON
"$suite/bin/wstest" -m fuzzingclient -s "$report/spec.json" >"$report/log" 2>&1 || { tail "$report/log" >&2; exit 1; }

node - "$report/index.json" <<'NODE'
const results = Object.entries(JSON.parse(require('fs').readFileSync(process.argv[2])).yunqia);
const count = {};
for (const [, { behavior }] of results) count[behavior] = (count[behavior] ?? 0) + 1;
console.log(`Autobahn: ${results.length} cases`, count);
const bad = results.filter(([, r]) => !['OK', 'NON-STRICT', 'INFORMATIONAL'].includes(r.behavior)
  || !['OK', 'INFORMATIONAL'].includes(r.behaviorClose));
for (const [id, result] of bad) console.error(id, result.behavior, result.behaviorClose);
process.exit(results.length > 200 && bad.length === 0 ? 0 : 1);
NODE
