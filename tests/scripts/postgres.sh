#!/usr/bin/env bash
# Runs a command with a PostgreSQL server of its own in TEST_POSTGRES_URL (postgres://USER:PASSWORD@HOST:PORT): a private folder, a free port on loopback,
# an unprivileged user; stopped and removed at the end, whatever happens.
#
#   tests/scripts/postgres.sh COMMAND …     run it
#   tests/scripts/postgres.sh --install     install the server (Debian, as root)
#   tests/scripts/postgres.sh --find        print the folder of its programs
#
# The command can stop and start its server: "$TEST_POSTGRES_CONTROL" stop|start|restart (at once, as a crash would). POSTGRES_OPTIONS adds
# options of the server.
#
# Ends with 77 when there is no PostgreSQL and none can be installed.
set -euo pipefail

find_programs() {
    local folder
    for folder in $(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -rV) "$(dirname "$(command -v initdb || true)")"; do
        if [ -x "$folder/initdb" ] && [ -x "$folder/pg_ctl" ]; then
            echo "$folder"
            return 0
        fi
    done
    return 1
}

install_server() {
    find_programs >/dev/null && return 0
    if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
        echo "PostgreSQL is missing. On Debian: sudo make deps-debian. Elsewhere: install PostgreSQL 15 or newer." >&2
        return 1
    fi
    # Only the programs are wanted, not a server of the system.
    mkdir -p /etc/postgresql-common
    [ -e /etc/postgresql-common/createcluster.conf ] ||
        echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf
    { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -yqq --no-install-recommends postgresql; } >&2
    find_programs >/dev/null
}

case "${1:-}" in
--install) install_server && exit 0 || exit 77 ;;
--find) find_programs && exit 0 || exit 77 ;;
"") echo "usage: $0 COMMAND …" >&2 && exit 2 ;;
esac

install_server || exit 77
programs=$(find_programs)
folder=$(mktemp -d "${TMPDIR:-/tmp}/yunqia-postgres.XXXXXX")
user=$(id -un)

# initdb refuses root.
as_user() {
    if [ "$(id -u)" = 0 ]; then
        (cd "$folder" && setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups -- "$@")
    else
        (cd "$folder" && "$@")
    fi
}

stop() {
    as_user "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop >/dev/null 2>&1 || true
    rm -rf "$folder"
}
trap stop EXIT
trap 'exit 130' INT TERM

if [ "$(id -u)" = 0 ]; then
    user=$(id -un postgres 2>/dev/null || echo nobody)
    chown "$user" "$folder"
fi

secret=$(head -c 18 /dev/urandom | od -An -tx1 | tr -d ' \n')
printf '%s' "$secret" >"$folder/secret"
[ "$(id -u)" = 0 ] && chown "$user" "$folder/secret"
as_user "$programs/initdb" -D "$folder/data" -U yunqia --pwfile="$folder/secret" --auth=scram-sha-256 \
    --encoding=UTF8 --no-locale --no-sync >/dev/null

# The data are thrown away, so nothing need reach the disk.
options="-c listen_addresses=127.0.0.1 -c unix_socket_directories=$folder -c max_connections=400 -c fsync=off"
options="$options -c synchronous_commit=off -c full_page_writes=off -c shared_buffers=128MB ${POSTGRES_OPTIONS:-}"
for _ in 1 2 3 4 5 6 7 8 9 10; do
    port=$((20000 + RANDOM % 20000))
    if as_user "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -o "$options -p $port" start >/dev/null; then
        started=yes
        break
    fi
done
if [ -z "${started:-}" ]; then
    echo "PostgreSQL did not start:" >&2
    cat "$folder/log" >&2
    exit 1
fi

cat >"$folder/control" <<END
#!/usr/bin/env bash
# Stops and starts this server.
set -euo pipefail
cd "$folder"
as_user=()
[ "\$(id -u)" != 0 ] || as_user=(setpriv --reuid="$user" --regid="$(id -g "$user")" --clear-groups --)
case "\$1" in
stop) "\${as_user[@]}" "$programs/pg_ctl" -D "$folder/data" -m immediate -w stop ;;
start) "\${as_user[@]}" "$programs/pg_ctl" -D "$folder/data" -l "$folder/log" -w -t 60 -o "$options -p $port" start ;;
restart) "\$0" stop && "\$0" start ;;
esac >/dev/null
END
chmod 755 "$folder/control"
export TEST_POSTGRES_CONTROL="$folder/control"
export TEST_POSTGRES_URL="postgres://yunqia:$secret@127.0.0.1:$port"
status=0
"$@" || status=$?
exit "$status"
