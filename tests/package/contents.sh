# shellcheck shell=bash disable=SC2154
# What is in the packages: sourced by run. Uses $packages, $agent_deb, $server_deb,
# $work/tree (both unpacked) and $source_dir.

# Scores as systemd-analyze counts them, in tenths: the agent's, the server's.
exposure_max_agent=20
exposure_max_server=15

papers_of() {
	local tree=$work/tree program=$1 package=tidemark-$1
	local man=$tree/usr/share/man
	check "$package: manual pages are well formed" silent well_formed \
		"$man/man8/$package.8.gz" "$man/man5/$package.conf.5.gz"
	check "$package: the page knows each option of --help" every_option "$program"
	check "$package: bash can read its completion" \
		shellcheck -s bash "$tree/usr/share/bash-completion/completions/$package"
	check "$package: zsh can read its completion" \
		zsh -n "$tree/usr/share/zsh/vendor-completions/_$package"
	check "$package: the settings are those of --example-config" \
		cmp "$tree/etc/tidemark/$program.conf" <("$tree/usr/bin/$package" --example-config)
	check "$package: the settings are good" \
		"$tree/usr/bin/$package" --check-config --config "$tree/etc/tidemark/$program.conf"
}

well_formed() {
	local page
	for page; do
		zcat "$page" | mandoc -Tlint -W warning
	done
}

every_option() {
	local page option lost=0
	page=$(zcat "$work/tree/usr/share/man/man8/tidemark-$1.8.gz" | sed 's/[\]//g')
	for option in $("$work/tree/usr/bin/tidemark-$1" --help | grep -oE '^  --[a-z0-9-]+'); do
		grep -qF "fB${option}fR" <<<"$page" || { echo "$option is not in it"; lost=1; }
	done
	[ "$lost" = 0 ] && [ -n "${option:-}" ]
}

exposure() { # UNIT LIMIT [DROP-IN]
	local unit=$work/units/${1##*/}
	mkdir -p "$work/units"
	cp "$1" "$unit"
	[ -z "${3:-}" ] || cat "$3" >>"$unit"
	systemd-analyze security --no-pager --offline=true --threshold="$2" "$unit"
}

units() {
	local tree=$work/tree program limit
	# What verify looks for beside the units themselves.
	mkdir -p "$tree/bin"
	[ -e "$tree/bin/kill" ] || cp /bin/kill "$tree/bin/"
	cp -rn /lib/systemd/system/{sysinit,basic,multi-user,shutdown,network,network-online}.target \
		"$tree/lib/systemd/system/" 2>/dev/null || true
	for program in agent server; do
		check "tidemark-$program.service: systemd understands it" verified "$program"
	done
	check "tidemark-agent.service: exposure at most 2.0" \
		exposure "$tree/lib/systemd/system/tidemark-agent.service" $exposure_max_agent
	check "tidemark-server.service: exposure at most 1.5" \
		exposure "$tree/lib/systemd/system/tidemark-server.service" $exposure_max_server
	check "the minimal profile exposes less" \
		exposure "$tree/lib/systemd/system/tidemark-agent.service" $((exposure_max_agent - 2)) \
		"$tree/usr/share/tidemark/profiles/minimal.conf"
	check "a limit that is exceeded would be seen" not \
		exposure "$tree/lib/systemd/system/tidemark-agent.service" 1
	for limit in MemoryMax CPUQuota WatchdogSec Restart; do
		check "tidemark-agent.service: has $limit" \
			grep -q "^$limit=." "$tree/lib/systemd/system/tidemark-agent.service"
	done
	check "tidemark-agent.service: its only capability is CAP_SYS_PTRACE" \
		test "$(grep -h '^\(Ambient\|CapabilityBounding\)' \
			"$tree/lib/systemd/system/tidemark-agent.service" | cut -d= -f2 | sort -u)" = CAP_SYS_PTRACE
}

# Of what it says, what is about our unit: the tree has few others.
verified() {
	local said
	said=$(systemd-analyze verify --root="$work/tree" --man=no "tidemark-$1.service" 2>&1 |
		grep "tidemark" || true)
	echo "$said"
	[ -z "$said" ]
}

files() {
	local list
	list=$(dpkg-deb -c "$agent_deb"; dpkg-deb -c "$server_deb")
	check "everything belongs to root" not grep -vE '^[^ ]+ root/root ' <<<"$list"
	check "nothing is setuid or setgid, or for all to write" \
		not grep -E '^(-..[sS]|-.....[sS]|-.......w)' <<<"$list"
	check "settings are conffiles" test \
		"$(dpkg-deb -I "$agent_deb" conffiles; dpkg-deb -I "$server_deb" conffiles)" = \
		"/etc/tidemark/agent.conf
/etc/tidemark/server.conf"
	check "libraries are found by dpkg-shlibdeps" \
		grep -q 'libzmq5 (>=.*libzstd1' <<<"$(dpkg-deb -f "$agent_deb" Depends)"
	check "lintian has nothing to say" silent lintian --allow-root --tag-display-limit 0 \
		--suppress-tags bad-distribution-in-changes-file "$agent_deb" "$server_deb"
}

# As the unit would run it: a user of its own, and the one capability.
as_agent() { # CAPABILITIES COMMAND...
	local capabilities=$1
	shift
	setpriv --reuid 65534 --regid 65534 --clear-groups --no-new-privs \
		--inh-caps="$capabilities" --ambient-caps="$capabilities" \
		--bounding-set="$capabilities" "$@"
}

one_agent() { # CAPABILITIES: runs for a moment, then shows its status
	local agent=$work/tree/usr/bin/tidemark-agent state=$work/state
	rm -rf "$state"
	install -d -m 700 -o 65534 -g 65534 "$state"
	as_agent "$1" timeout -s TERM 30 "$agent" run --interval 1s --min-rss 0 --state-dir "$state" \
		2>"$work/agent.log" &
	local pid=$!
	eventually 20 grep -q 'scout  *runs.*[1-9][0-9]* findings' "$state/status" ||
		{ cat "$work/agent.log"; true; }
	cat "$state/status"
	kill -TERM $pid
	wait $pid || true
}

runs() {
	local tree=$work/tree victim
	check "tidemark-agent runs" says "tidemark-agent " "$tree/usr/bin/tidemark-agent" version
	check "tidemark-server runs" says "tidemark-server " "$tree/usr/bin/tidemark-server" version
	check "an installed agent finds its scout" \
		"$tree/usr/bin/tidemark-agent" queues --config /dev/null
	if [ "$(id -u)" != 0 ]; then
		skip "the agent with its one privilege" "needs root"
		return
	fi
	chmod 755 "$work"
	setpriv --reuid 65533 --regid 65533 --clear-groups sleep 300 &
	victim=$!
	check "CAP_SYS_PTRACE alone shows what another user's process runs" says "build id" \
		fingerprint_as -all,+sys_ptrace "$victim"
	check "without it that is closed, and said" says "Permission denied" \
		fingerprint_as -all "$victim"
	kill $victim
	local status
	status=$(one_agent -all,+sys_ptrace)
	check "so it runs with its scout, and tells what that buys" says \
		"sees        CAP_SYS_PTRACE" echo "$status"
	# A sandbox's own first process may be closed even to root.
	check "hardly a process is closed to it" matches '^blind +to [01] of [1-9]' "$status"
	check "its scout works with what it inherits" \
		matches '^scout +runs, .* [1-9][0-9]* findings' "$status"
	status=$(one_agent -all)
	check "programs that the scout runs inherit none of it" commands_have_nothing
	check "without any privilege it runs, too, and tells what it lacks" says \
		"cannot see  CAP_SYS_PTRACE" echo "$status"
	check "and how many processes are closed to it" \
		matches '^blind +to [1-9][0-9]* of' "$status"
}

# A command of a queue tells its own capabilities, as a depth.
commands_have_nothing() {
	local settings=$work/queue.conf program=$work/capabilities said
	# shellcheck disable=SC2016 # the dollar is the program's
	printf '#!/bin/sh\necho depth $((0x$(sed -n "s/^CapEff:[[:space:]]*//p" /proc/self/status)))\n' \
		>"$program"
	printf '[agent]\nallow_commands = yes\n[queue x]\nkind = command\ncommand = %s\n' \
		"$program" >"$settings"
	chmod 755 "$program" "$settings"
	said=$(as_agent -all,+sys_ptrace "$work/tree/usr/bin/tidemark-agent" queues \
		--config "$settings" --state-dir "$work" 2>&1)
	matches '^x +x +0 ' "$said"
}

matches() {
	echo "$2"
	grep -qE -- "$1" <<<"$2"
}

fingerprint_as() {
	as_agent "$1" "$work/tree/usr/bin/tidemark-agent" fingerprint "$2" --config /dev/null \
		--state-dir "$work"
}

contents() {
	files
	papers_of agent
	papers_of server
	units
	runs
}
