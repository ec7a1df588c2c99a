# shellcheck shell=bash disable=SC2154
# Daemons of the quickstart: sourced.  A pid file holds pid, start time and boot, so that
# a pid that was given to another program is never taken for ours.
#
# Uses $state (where everything lives), $user (who runs things, when we are root) and
# note (from steps.sh).

# Runs a command as the unprivileged user, with a clean environment.
as_service() {
	local -a command
	service_command "$@"
	(cd / && "${command[@]}")
}

# Sets `command` to what as_service runs.
service_command() {
	command=(env -i "PATH=$PATH" "HOME=$state" LANG=C.UTF-8 "$@")
	if [ "$(id -u)" = 0 ]; then
		command=(setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups
			"${command[@]}")
	fi
}

# Start time of a process in ticks: field 22 of its stat, the 20th after the name.
start_ticks() {
	local stat
	{ read -r stat <"/proc/$1/stat"; } 2>/dev/null || return 1
	# shellcheck disable=SC2086 # fields
	set -- ${stat##*) }
	[ "$1" != Z ] || return 1
	echo "${20}"
}

boot_id() { cat /proc/sys/kernel/random/boot_id; }

# The pid of a running daemon; fails when it does not run.
daemon_pid() {
	local pid ticks boot
	[ -e "$state/run/$1.pid" ] || return 1
	read -r pid ticks boot <"$state/run/$1.pid" || return 1
	[ "$boot" = "$(boot_id)" ] && [ "$(start_ticks "$pid")" = "$ticks" ] || return 1
	echo "$pid"
}

# start_daemon NAME CHANGED COMMAND...: unless it runs already, with this command and
# since after the file CHANGED was last written.
start_daemon() {
	local name=$1 changed=$2 pid
	shift 2
	if daemon_pid "$name" >/dev/null; then
		if [ "$(cat "$state/run/$name.command")" = "$*" ] &&
			[ ! "$changed" -nt "$state/run/$name.pid" ]; then
			note "runs already"
			return
		fi
		stop_daemon "$name"
		note "restarted: it has changed"
	fi
	local -a command
	service_command "$@"
	(cd "$state" && exec setsid "${command[@]}") \
		>>"$state/log/$name.log" 2>&1 </dev/null 9>&- &
	pid=$!
	echo "$*" >"$state/run/$name.command"
	echo "$pid $(start_ticks "$pid" || echo 0) $(boot_id)" >"$state/run/$name.pid"
}

# Asks with SIGTERM, insists after 30 s.
stop_daemon() {
	local pid until=$((SECONDS + 30))
	pid=$(daemon_pid "$1") || return 0
	kill -TERM "$pid"
	while daemon_pid "$1" >/dev/null; do
		if [ $SECONDS -ge $until ]; then
			echo "The $1 (pid $pid) did not end within 30 s: killed."
			kill -KILL "$pid"
			break
		fi
		sleep 0.1
	done
	rm -f "$state/run/$1.pid"
}

# wait_for DAEMON SECONDS COMMAND...: until the command succeeds.  Fails when the time is
# over or the daemon ended, with its last words.
wait_for() {
	local name=$1 until=$((SECONDS + $2))
	shift 2
	while ! "$@" 2>/dev/null; do
		if ! daemon_pid "$name" >/dev/null; then
			echo "The $name ended. Its last words:"
			tail -n 10 "$state/log/$name.log"
			return 1
		fi
		if [ $SECONDS -ge "$until" ]; then
			echo "Waited in vain for: $*. The last words of the $name:"
			tail -n 10 "$state/log/$name.log"
			return 1
		fi
		sleep 0.3
	done
}

port_taken() { (: <"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

# http_get PORT PATH: true when the answer is 200.
http_get() (
	exec 8<>"/dev/tcp/127.0.0.1/$1" || return 1
	printf 'GET %s HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n' "$2" >&8
	read -r -t 5 _ status _ <&8 || return 1
	[ "$status" = 200 ]
)
