#!/bin/bash
# agent [--quick]: the agent beside a bare loop (agent.c), then with everything it does
# beside its peers (agent/beside.mjs).  Both judge; the last line is of both.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
loop=$("$TIDEMARK_BUILD/tests/bench_agent" "$@")
printf '%s\n' "$loop" | sed 's/^agent ratio=/bare loop: ratio=/'
echo
exec node "$here/agent/beside.mjs" "$(tail -n 1 <<<"$loop" | grep -o '[a-z]*$')" "$@"
