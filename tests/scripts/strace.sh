#!/usr/bin/env bash
# Prints the path of an strace to count flushes with; installs Debian's when there is none and we are root.
#
#   tests/scripts/strace.sh              print the path
#   tests/scripts/strace.sh --install    install it (Debian, as root)
#
# Ends with 77 when there is none and none can be installed, or when this machine lets nobody trace.
set -euo pipefail

install_tracer() {
    command -v strace >/dev/null && return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "strace is missing. On Debian: sudo make deps-debian. Elsewhere: install it." >&2
        return 1
    fi
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends strace; } >&2
    command -v strace >/dev/null
}

install_tracer || exit 77
[ "${1:-}" = --install ] && exit 0
# Containers often forbid it.
strace -o /dev/null true || exit 77
command -v strace
