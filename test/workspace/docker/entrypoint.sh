#!/bin/sh
# nginx serves the page; the given command serves the data.
set -e
[ -f "$TASKS_FILE" ] || echo '[]' > "$TASKS_FILE"
nginx -g 'pid /tmp/nginx.pid;'
exec "$@"
