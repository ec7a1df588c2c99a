# shellcheck shell=bash
# TAP for tests/package: sourced.

tap_count=0
tap_failed=0
tap_skipped=0

# check WHAT COMMAND...: one test; its output is shown when it fails.
check() {
	local what=$1 said
	shift
	tap_count=$((tap_count + 1))
	if said=$("$@" 2>&1); then
		echo "ok $tap_count - $what"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_count - $what"
		# shellcheck disable=SC2001 # of every line
		sed 's/^/# /' <<<"$said"
	fi
}

skip() {
	tap_count=$((tap_count + 1))
	tap_skipped=$((tap_skipped + 1))
	echo "ok $tap_count - $1 # SKIP $2"
}

tap_end() {
	echo "1..$tap_count"
	echo "$((tap_count - tap_failed - tap_skipped)) passed, $tap_failed failed, $tap_skipped skipped"
	[ "$tap_failed" = 0 ]
}

# says TEXT COMMAND...: the command succeeds, and its output has the text.
says() {
	local text=$1 said
	shift
	said=$("$@" 2>&1) || { echo "$said"; return 1; }
	echo "$said"
	grep -qF -- "$text" <<<"$said"
}

# silent COMMAND...: succeeds, and says nothing.
silent() {
	local said
	said=$("$@" 2>&1) || { echo "$said"; return 1; }
	echo "$said"
	[ -z "$said" ]
}

not() { ! "$@"; }

# eventually SECONDS COMMAND...: until it succeeds.
eventually() {
	local until=$((SECONDS + $1))
	shift
	while ! "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $until ] || { "$@"; return 1; }
		sleep 0.5
	done
}
