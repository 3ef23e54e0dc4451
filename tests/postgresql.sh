#!/usr/bin/env bash
# A PostgreSQL server for one test program: `tests/postgresql.sh PORT [durable]`. Made in a folder of its own, reached by
# loopback only, run by an ordinary user; it waits for the disk only where it is to be durable. Says where its programs are
# once it answers, and ends when its standard input does. Says nothing where PostgreSQL is not installed: that is a skip, counted here.
set -euo pipefail
port=$1
durable=off
[ "${2:-}" != durable ] || durable=on

for bin in "$(dirname "$(command -v initdb || echo /none/initdb)")" /usr/lib/postgresql/*/bin; do
  [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && [ -x "$bin/psql" ] && break
  bin=
done
if [ -z "$bin" ]; then
  [ -z "${SKIPS:-}" ] || echo "postgresql: no server is installed here" >>"$SKIPS"
  exit 0
fi

folder=$(mktemp -d)
as=()
if [ "$(id -u)" = 0 ]; then # the server refuses to run as root
  chown nobody "$folder"
  as=(setpriv --reuid "$(id -u nobody)" --regid "$(id -g nobody)" --clear-groups)
fi
cd "$folder"
server=
finish() {
  [ -z "$server" ] || { kill -QUIT "$server" 2>/dev/null || true; wait "$server" || true; }
  rm -rf "$folder"
}
trap finish EXIT

"${as[@]}" "$bin/initdb" --no-sync --no-instructions --auth=trust --encoding=UTF8 --locale=C --username=owner -D data >/dev/null
sed -i '1i host all guarded 127.0.0.1/32 scram-sha-256' data/pg_hba.conf
cat >>data/postgresql.auto.conf <<END
listen_addresses = '127.0.0.1'
port = $port
unix_socket_directories = ''
max_connections = 60
shared_buffers = 16MB
fsync = $durable
full_page_writes = $durable
END
"${as[@]}" "$bin/postgres" -D data </dev/null >log 2>&1 &
server=$!
until "${as[@]}" "$bin/psql" -X -q -h 127.0.0.1 -p "$port" -U owner -c '' postgres >/dev/null 2>&1; do
  kill -0 "$server" 2>/dev/null || { cat log >&2; exit 1; }
  sleep 0.05
done
echo "$bin"
cat >/dev/null
