# shellcheck shell=bash disable=SC2154
# Steps with progress: sourced.  `step WORDS FUNCTION` runs the function in a subshell
# whose output goes to $log, and shows one line:
#
#     [ 4/10] build …                             41 s   what note said
#
# When it fails, shows why (the end of its output) and what to do (what advise said
# last), and ends the script.  Uses $state, $log and $step_total.

step_number=0

step() {
	local began=$SECONDS offset status ticker=
	step_number=$((step_number + 1))
	label=$(printf '[%2d/%d] %-36s' "$step_number" "$step_total" "$1 …")
	printf '%s' "$label"
	rm -f "$state/run/note" "$state/run/advice"
	echo "==== $label $(date -u +%FT%TZ)" >>"$log"
	offset=$(stat -c %s "$log")
	if [ -t 1 ]; then
		show_time "$began" 9>&- &
		ticker=$!
	fi
	set +e # here, and not by "|| status=$?", which would switch it off inside too
	(set -e; "$2") >>"$log" 2>&1 </dev/null
	status=$?
	set -e
	if [ -n "$ticker" ]; then
		kill "$ticker"
		wait "$ticker" 2>/dev/null || true
		printf '\r%s' "$label"
	fi
	if [ $status != 0 ]; then
		printf ' failed after %d s\n' $((SECONDS - began))
		explain_failure "$offset"
		exit 1
	fi
	printf '%5d s' $((SECONDS - began))
	[ ! -e "$state/run/note" ] || printf '   %s' "$(cat "$state/run/note")"
	printf '\n'
}

# What to do when one of the following commands fails.
advise() { echo "$*" >"$state/run/advice"; }

# A few words to show beside the step.
note() { echo "$*" >"$state/run/note"; }

# Counts the seconds of a step while it runs.
show_time() {
	while true; do
		printf '\r%s%5d s' "$label" $((SECONDS - $1))
		sleep 1
	done
}

# The first lines that speak of an error, and the last ones: a tool names its cause at
# either end.
explain_failure() {
	local output
	output=$(tail -c "+$(($1 + 1))" "$log" | grep -v '^[[:space:]]*$' | sed 's/^/    /')
	printf '\nWhy (from %s):\n' "$log"
	head -n -10 <<<"$output" | grep -iE 'error|ERR!|fatal|cannot|failed' | head -n 6 || true
	tail -n 10 <<<"$output"
	printf '\nWhat to do:\n'
	fold -s -w 84 "$state/run/advice" | sed 's/^/    /'
	printf '\nThen run deploy/quickstart again: it goes on where it stopped.\n'
}
