#!/bin/bash
# heap [--quick]: the heap summariser beside DevTools' worker and memlab, from npm.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PUPPETEER_SKIP_DOWNLOAD=1
"$here/../../deploy/npm-packages" "$here/heap"
exec "$TIDEMARK_BUILD/tests/bench_heap" "$@"
