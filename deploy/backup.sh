#!/usr/bin/env bash
# Makes a backup into a folder of its own and removes those older than 30 days. The server may run meanwhile.
#
#   backup.sh FOLDER
#
# With PostgreSQL the dump goes into it, too: pg_dump must be installed and YUNQIA_DATA_DATABASE_URL set.
set -euo pipefail

folder=${1:?usage: backup.sh FOLDER}
keep_days=${KEEP_DAYS:-30}
mkdir -p "$folder"
new=$folder/$(date -u +%Y-%m-%dT%H%M%SZ)

# The database first: a file is written before the message that names it, so every file of the dump is copied after it.
dump=
trap 'rm -f "$dump"' EXIT
if [[ ${YUNQIA_DATA_DATABASE_URL:-} == postgres* ]]; then
    dump=$(mktemp "$folder/.dump.XXXXXX")
    pg_dump --format=custom --file="$dump" "$YUNQIA_DATA_DATABASE_URL"
fi
yunqia backup "$new"
[[ -z $dump ]] || mv "$dump" "$new/yunqia.dump"

# Only whole backups count, and the newest is never removed.
find "$folder" -mindepth 1 -maxdepth 1 -type d -name '20*Z' -mtime "+$keep_days" ! -path "$new" -exec rm -rf {} +
echo "$new"
