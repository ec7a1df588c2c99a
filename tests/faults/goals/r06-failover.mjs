// A leader of PostgreSQL is lost and Patroni makes another one of a standby.

export default {
	id: 'R6',
	title: 'Patroni failover',
	asked: '0 acknowledged lost, no storing for at most ttl + 5 s',

	async run() {
		return { why: 'no test yet; what a server does when its database goes away and comes back is R5' };
	},
};
