// Listens as systemd would: the datagrams of sd_notify(3). Node has no unix datagram
// sockets, perl-base (always there on Debian) has.

import fs from 'node:fs';
import path from 'node:path';

const LISTEN = `
	use IO::Socket::UNIX; use Socket; $| = 1;
	my $socket = IO::Socket::UNIX->new(Type => SOCK_DGRAM, Local => $ARGV[0]) or die $!;
	print "LISTENING\\n";
	while (defined $socket->recv(my $text, 4096)) { print "$text\\n" }`;

export class Notify {
	constructor(place) {
		this.socket = path.join(place.directory('notify'), 'socket');
		this.running = place.start('notify', 'perl', ['-e', LISTEN, this.socket]);
	}

	lines() {
		return fs.readFileSync(this.running.log, 'utf8').split('\n');
	}
}
