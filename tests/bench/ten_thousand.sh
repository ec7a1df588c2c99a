#!/bin/bash
# ten_thousand [--quick]: ten thousand agents against one collector and its PostgreSQL, on
# this machine; --quick: one thousand.  tests/bench/ten_thousand/main.mjs
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
cmake --build "$TIDEMARK_BUILD" --target fleet >/dev/null
exec node "$here/ten_thousand/main.mjs" "$@"
