#!/usr/bin/env bash
# Prints the path of a Chromium to test with; installs Debian's, with Chinese fonts, when there is none and we are root.
#
#   tests/scripts/chromium.sh              print the path
#   tests/scripts/chromium.sh --install    install it (Debian, as root)
#
# CHROMIUM names another one. Ends with 77 when there is none and none can be installed.
set -euo pipefail

find_browser() {
    local name
    for name in "${CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable; do
        if [ -n "$name" ] && command -v "$name" >/dev/null; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

has_chinese() {
    ! command -v fc-list >/dev/null || fc-list :lang=zh-cn | grep -q .
}

install_browser() {
    find_browser >/dev/null && has_chinese && return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        find_browser >/dev/null && return 0
        echo "Chromium is missing. On Debian: sudo make deps-debian. Elsewhere: install it and set CHROMIUM." >&2
        return 1
    fi
    {
        apt-get update -qq &&
            DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends chromium fonts-noto-cjk fontconfig
    } >&2
    find_browser >/dev/null
}

install_browser || exit 77
[ "${1:-}" = --install ] || find_browser
