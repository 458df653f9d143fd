#!/usr/bin/env bash
# Prints the path of a nats-server to test with; installs Debian's when there is none and we are root. Tests start and stop it
# themselves.
#
#   tests/scripts/nats.sh              print the path
#   tests/scripts/nats.sh --install    install it (Debian, as root)
#
# NATS_SERVER names another one. Ends with 77 when there is none and none can be installed.
set -euo pipefail

find_server() {
    local name
    for name in "${NATS_SERVER:-}" nats-server /usr/sbin/nats-server /usr/local/bin/nats-server; do
        if [ -n "$name" ] && command -v "$name" >/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

install_server() {
    find_server >/dev/null && return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "nats-server is missing. On Debian: sudo make deps-debian. Elsewhere: install it and set NATS_SERVER." >&2
        return 1
    fi
    # Only the program is wanted, not a server of the system: a policy of 101 forbids the package to start one.
    local policy=/usr/sbin/policy-rc.d made=
    if [ ! -e "$policy" ]; then
        printf '#!/bin/sh\nexit 101\n' >"$policy"
        chmod +x "$policy"
        made=yes
    fi
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends nats-server; } >&2 || true
    [ -z "$made" ] || rm -f "$policy"
    find_server >/dev/null
}

install_server || exit 77
[ "${1:-}" = --install ] || find_server
