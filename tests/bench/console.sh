#!/bin/bash
# console [--quick]: how long people wait for the console, in a real browser, against a
# server with 1,000 hosts, 20 services each, and seven days of history:
#
#   fleet    from the address to the first service in the list         at most 1 s
#   service  the same to the first line of a chart                     at most 1 s
#   zoom     from the brush to the lines of the part                   at most 200 ms
#   typing   from a key in the filter to the next picture              at most 50 ms
#   wire     24 hours of 200 instances, gzipped                        at most 300 kB
#   script   all JavaScript, gzipped                                   at most 80 KiB
#
# With --quick the fleet is a fifth of it with two days. How the wire's answer compares with
# Prometheus, bench read tells.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
"$here/../../deploy/npm-packages" "$here/../web" >&2
exec node "$here/console/main.mjs" "$@"
