# shellcheck shell=bash disable=SC2154
# The packages on a machine of their own: sourced by run. Uses $agent_deb, $server_deb,
# $work, $cache, $fresh.

root=$work/root
box_init=''

# ---- a bare Debian, as this machine's apt knows it

root_make() {
	local base=$cache/base.tar mirror suite
	mkdir -p "$cache/archives" "$root"
	if [ -n "$fresh" ] || [ ! -e "$base" ]; then
		# shellcheck disable=SC2016 # the dollars are apt's
		mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | head -n 1)
		suite=$(. /etc/os-release && echo "$VERSION_CODENAME")
		debootstrap --variant=minbase "$suite" "$root" "$mirror" >"$work/debootstrap.log" ||
			{ tail "$work/debootstrap.log"; return 1; }
		tar -C "$root" -cf "$base.part" . && mv "$base.part" "$base"
	else
		tar -C "$root" -xf "$base"
	fi
	mount -t proc proc "$root/proc"
	mount --bind "$cache/archives" "$root/var/cache/apt/archives"
	cp /etc/resolv.conf "$root/etc/resolv.conf"
	# What is fetched stays, for the next time.
	echo 'APT::Keep-Downloaded-Packages "true";' >"$root/etc/apt/apt.conf.d/90keep"
	mkdir -p "$root/packages"
	cp "$agent_deb" "$root/packages/agent.deb"
	cp "$server_deb" "$root/packages/server.deb"
	next_version "$agent_deb" "$root/packages/agent-next.deb"
	next_version "$server_deb" "$root/packages/server-next.deb"
}

root_release() {
	local part
	for part in proc var/cache/apt/archives; do
		! mountpoint -q "$root/$part" || umount "$root/$part"
	done
}

# The same package, as if it were newer.
next_version() {
	rm -rf "$work/next"
	dpkg-deb -R "$1" "$work/next"
	sed -i 's/^Version: .*/&+next/' "$work/next/DEBIAN/control"
	dpkg-deb --root-owner-group -b "$work/next" "$2" >/dev/null
}

in_root() {
	chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin LANG=C.UTF-8 \
		DEBIAN_FRONTEND=noninteractive "$@"
}

apt_get() { in_root apt-get -y -q --no-install-recommends "$@"; }

stat_is() { # OWNER GROUP MODE PATH
	says "$1 $2 $3" in_root stat -c '%U %G %a' "$4"
}

# shellcheck disable=SC2016 # the dollar is dpkg's
version_is_next() { says "+next" in_root dpkg-query -W -f '${Version}' "$1"; }

# Files of ours that a purge has left, but for the packages themselves.
nothing_left() {
	silent in_root find / -xdev '(' -path /proc -o -path /packages -o -path /mnt ')' -prune \
		-o -iname '*tidemark*' -print
}

# ---- in a container that has no systemd

bare() {
	check "bare: the agent installs without systemd" \
		says "has not joined a server" \
		apt_get install systemd-standalone-sysusers /packages/agent.deb
	check "bare: no systemd came with it" not in_root dpkg -s systemd
	check "bare: it has an account that nobody can log in to" \
		says /usr/sbin/nologin in_root getent passwd tidemark-agent
	check "bare: its state is its own" \
		stat_is tidemark-agent tidemark-agent 700 /var/lib/tidemark-agent
	check "bare: its settings are for it alone to read" \
		stat_is root tidemark-agent 640 /etc/tidemark/agent.conf
	check "bare: nothing was started" not pgrep -f "^/usr/bin/tidemark-agent run"
	check "bare: its settings are good" in_root tidemark-agent --check-config

	sed -i 's/^#interval = .*/interval = 7s/' "$root/etc/tidemark/agent.conf"
	in_root install -o tidemark-agent -g tidemark-agent -m 600 /dev/null \
		/var/lib/tidemark-agent/kept
	check "bare: an upgrade" apt_get install /packages/agent-next.deb
	check "bare: is one" version_is_next tidemark-agent
	check "bare: it keeps the settings that somebody changed" \
		grep -q '^interval = 7s' "$root/etc/tidemark/agent.conf"
	check "bare: and their mode" stat_is root tidemark-agent 640 /etc/tidemark/agent.conf
	check "bare: removing it" apt_get remove tidemark-agent
	check "bare: takes the program" test ! -e "$root/usr/bin/tidemark-agent"
	check "bare: leaves state and settings" \
		test -e "$root/var/lib/tidemark-agent/kept" -a -e "$root/etc/tidemark/agent.conf"
	check "bare: purging it" in_root dpkg --purge tidemark-agent
	check "bare: leaves no file" nothing_left
}

# ---- where systemd is the first process

box_prepare() {
	apt_get install postgresql-common systemd-sysv dbus || return 1
	echo 'create_main_cluster = false' >>"$root/etc/postgresql-common/createcluster.conf"
	apt_get install postgresql || return 1
	apt_get satisfy "$(dpkg-deb -f "$agent_deb" Depends)" \
		"$(dpkg-deb -f "$server_deb" Depends)"
}

box_start() {
	umount "$root/proc"
	unshare --fork --pid --mount --uts --ipc --net --cgroup "$here/boot" "$root" \
		>"$work/boot.log" 2>&1 &
	local unshare=$!
	eventually 10 pgrep -P $unshare || return 1
	box_init=$(pgrep -P $unshare)
	eventually 90 box_is_up || { cat "$work/boot.log"; return 1; }
}

box() { nsenter -t "$box_init" -m -p -u -i -n -C -r -w -- "$@"; }

box_is_up() { [[ $(box systemctl is-system-running) =~ ^(running|degraded)$ ]]; }

box_stop() {
	[ -z "$box_init" ] || ! kill -KILL "$box_init" 2>/dev/null || wait || true
	box_init=''
}

box_install() {
	box env DEBIAN_FRONTEND=noninteractive apt-get -y -q --no-install-recommends "$@"
}

main_pid() { box systemctl show -p MainPID --value "tidemark-$1"; }

is_active() { says active box systemctl is-active "tidemark-$1"; }

is_inactive() { says inactive box sh -c "systemctl is-active tidemark-$1 || true"; }

capabilities_are() {
	says "$(printf 'CapEff:\t%s' "$1")" box grep CapEff "/proc/$(main_pid agent)/status"
}

has_restarted() { # PROGRAM OLD-PID
	local pid
	pid=$(main_pid "$1")
	[ "$pid" != 0 ] && [ "$pid" != "$2" ] && is_active "$1"
}

profile() { # NAME, or nothing for the default
	local folder=$root/etc/systemd/system/tidemark-agent.service.d
	mkdir -p "$folder"
	rm -f "$folder"/*
	[ -z "${1:-}" ] ||
		ln -s "/usr/share/tidemark/profiles/$1.conf" "$folder/10-profile.conf"
	box systemctl daemon-reload
	box systemctl restart tidemark-agent
}

# A bare Debian has no pgrep.
# shellcheck disable=SC2016 # the dollars are the box's
none_runs() {
	silent box bash -c 'for file in /proc/[0-9]*/comm; do
		read -r name <"$file" || continue
		case $name in tidemark-* | postgres) echo "$file: $name" ;; esac
	done 2>/dev/null'
}

status_says() {
	eventually 60 box sh -c "tidemark-agent status | grep -E -- '$1'" ||
		{ box journalctl -n 20 --no-pager -u tidemark-agent; return 1; }
}

http_answers() {
	box bash -c 'exec 3<>/dev/tcp/127.0.0.1/8470
		printf "GET /healthz HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n" >&3
		head -n 1 <&3 | grep " 200 "'
}

joined() {
	box sh -c 'tidemark-server token create --uses 3 | tidemark-agent join -' &&
		box systemctl start tidemark-agent
}

box_joins() {
	check "box: server and agent install" box_install install /packages/server.deb \
		/packages/agent.deb
	check "box: the server runs, with its own PostgreSQL under its hardened unit" \
		eventually 120 is_active server
	check "box: its console answers" eventually 20 http_answers
	check "box: the agent does not: nobody told it where to" is_inactive agent
	check "box: not when it is asked to, either" \
		box sh -c 'systemctl start tidemark-agent; ! systemctl is-active tidemark-agent'
	check "box: commands work beside the service" \
		box tidemark-server user add ada --one-time
	check "box: the host joins, and the agent runs" joined
	check "box: it is active" eventually 20 is_active agent
	check "box: with CAP_SYS_PTRACE alone" capabilities_are 0000000000080000
	check "box: the server has committed its readings" \
		status_says 'batches .* [1-9][0-9]* stored'
	check "box: it tells what its privilege buys" status_says '^sees +CAP_SYS_PTRACE'
	check "box: no process is closed to it" status_says '^blind +to 0 of [1-9]'
}

box_profiles() {
	profile minimal
	check "box: the minimal profile has no capability" \
		eventually 20 capabilities_are 0000000000000000
	check "box: and says what it lacks" status_says '^cannot see +CAP_SYS_PTRACE'
	profile deep
	check "box: the deep profile sees more" status_says '^sees +CAP_KILL'
	profile
	check "box: the way back to the default works" \
		eventually 20 capabilities_are 0000000000080000
	check "box: with the state that root had" status_says 'batches .* [1-9][0-9]* stored'
}

# shellcheck disable=SC2016 # the dollars are the box's
box_troubles() {
	local pid
	pid=$(main_pid agent)
	box sh -c 'd=/etc/systemd/system/tidemark-agent.service.d; mkdir -p $d
		printf "[Service]\nWatchdogSec=3s\nRestartSec=1s\n" >$d/watchdog.conf
		systemctl daemon-reload; systemctl restart tidemark-agent'
	pid=$(main_pid agent)
	box bash -c "kill -STOP $pid"
	check "box: the watchdog ends an agent that hangs, and it comes back" \
		eventually 60 has_restarted agent "$pid"
	box sh -c 'rm -r /etc/systemd/system/tidemark-agent.service.d; systemctl daemon-reload'
	pid=$(main_pid server)
	box bash -c "kill -KILL $pid"
	check "box: a killed server comes back" eventually 120 has_restarted server "$pid"
	echo 'intervall = 7s' >>"$root/etc/tidemark/agent.conf"
	box systemctl restart tidemark-agent >/dev/null 2>&1 || true
	check "box: wrong settings end it for good, in words" eventually 20 \
		box sh -c 'systemctl is-failed tidemark-agent &&
			journalctl -u tidemark-agent | grep "agent.conf:.*intervall" &&
			test "$(systemctl show -p NRestarts --value tidemark-agent)" -le 1'
	sed -i '/intervall/d' "$root/etc/tidemark/agent.conf"
	box sh -c 'systemctl reset-failed tidemark-agent; systemctl start tidemark-agent'
}

box_upgrades() {
	local agent server
	eventually 60 is_active server
	agent=$(main_pid agent)
	server=$(main_pid server)
	check "box: an upgrade" box_install install /packages/server-next.deb \
		/packages/agent-next.deb
	check "box: restarts the agent that ran" has_restarted agent "$agent"
	check "box: and the server" eventually 120 has_restarted server "$server"
	check "box: which still knows its users" says ada box tidemark-server user list
	box systemctl stop tidemark-agent
	check "box: another one" box_install --reinstall install /packages/agent-next.deb
	check "box: leaves a stopped agent alone" is_inactive agent
	box systemctl start tidemark-agent
	check "box: removing" box_install remove tidemark-agent tidemark-server
	check "box: stops both" none_runs
	check "box: and leaves what they wrote" \
		test -e "$root/var/lib/tidemark-agent/enrolment" -a -d "$root/var/lib/tidemark/postgres"
	check "box: installed again" box_install install /packages/agent.deb /packages/server.deb
	check "box: a host that had joined goes on by itself" eventually 30 is_active agent
	check "box: and so does the server" eventually 120 is_active server
	check "box: purging" box dpkg --purge tidemark-agent tidemark-server
	check "box: leaves no process" none_runs
	check "box: and no file" nothing_left
}

machine() {
	check "a bare Debian can be made" root_make
	check "its archive answers" apt_get update
	bare
	check "systemd and PostgreSQL install there" box_prepare
	if ! box_start >"$work/box.log" 2>&1; then
		cat "$work/box.log" >&2
		skip "installed under a systemd that runs" "no systemd can be started here"
		return
	fi
	box_joins
	box_profiles
	box_troubles
	box_upgrades
}
