#!/usr/bin/env bash
# Measures the matching engine: generated events against CP-SAT and HiGHS, and with PUBLISHED=<folder of .dzn files>
# the published business-to-business instances. SECONDS_EACH sets the time of a run, PEERS=no leaves the peers out.
set -euo pipefail
cd "$(dirname "$0")/../.."

folder="${CARGO_TARGET_DIR:-target}/bench-matching"
mkdir -p "$folder"
python="$folder/venv/bin/python"
if [[ ! -x "$python" ]]; then
    python3 -m venv "$folder/venv"
    "$python" -m pip install --quiet ortools==9.15.6755 highspy==1.15.1
fi
cargo build --locked --quiet --package yunqia-app
"$python" tests/bench/matching/events.py "$folder/events"
arguments=(--engine "${CARGO_TARGET_DIR:-target}/debug/yunqia" --events "$folder/events" --seconds "${SECONDS_EACH:-10}")
if [[ -n "${PUBLISHED:-}" ]]; then
    "$python" tests/bench/matching/events.py "$folder/published" "$PUBLISHED"
    arguments+=(--published "$folder/published")
fi
[[ "${PEERS:-yes}" == no ]] || arguments+=(--peers)
"$python" tests/bench/matching/measure.py "${arguments[@]}"
