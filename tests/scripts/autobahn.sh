#!/usr/bin/env bash
# The socket against the Autobahn test suite (RFC 6455), which is installed on the first run and needs a Python 2.7 with pip. Where
# that is missing this says so and ends with 78: no system that is maintained has it any more, so it may be left out anywhere.
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
    echo "The Autobahn test suite needs Python 2.7 (PYTHON2 names it); the socket is not tried against it." >&2
    exit 78
fi

suite=${XDG_CACHE_HOME:-$HOME/.cache}/yunqia/autobahn
install_suite() {
    "$python" -m virtualenv --version >/dev/null 2>&1 || "$python" -m pip install --quiet --user 'virtualenv<20.16' || return
    "$python" -m virtualenv --quiet "$suite" && "$suite/bin/pip" install --quiet autobahntestsuite==0.8.2
}
if [ ! -x "$suite/bin/wstest" ] && ! PYTHONWARNINGS=ignore install_suite >&2; then
    echo "The Autobahn test suite cannot be installed (PyPI: autobahntestsuite 0.8.2); the socket is not tried against it." >&2
    exit 78
fi

# With the flags of the tests, so that it is built already.
cargo build --locked --quiet --workspace --example echo
target=$(cargo metadata --format-version 1 --no-deps --locked |
    node -e 'console.log(JSON.parse(require("fs").readFileSync(0)).target_directory)')
port=${PORT:-$((20000 + RANDOM % 10000))}
"$target/debug/examples/echo" "127.0.0.1:$port" &
echo=$!
report=${1:-$(mktemp -d)}
trap 'kill $echo 2>/dev/null || true' EXIT

# Compression (12, 13) is not spoken.
cat >"$report/spec.json" <<JSON
{ "outdir": "$report", "servers": [{ "agent": "yunqia", "url": "ws://127.0.0.1:$port" }],
  "cases": ["*"], "exclude-cases": ["12.*", "13.*"], "exclude-agent-cases": {} }
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
process.exit(results.length > 300 && bad.length === 0 ? 0 : 1);
NODE
