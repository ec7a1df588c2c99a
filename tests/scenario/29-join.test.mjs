// How a host comes in and goes: one line from the console installs the agent and lets it join,
// and nobody on the host can read the token meanwhile. A revoked token lets nobody in; a revoked
// agent is turned away over the connection that it has.
//
// The host is a folder with a few programs that stand for its own (apt, dpkg, sudo, systemctl);
// tests/deploy installs real packages on a real Debian.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { Agent } from './lib/agent.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';
import { eventually } from './lib/wait.mjs';

const PACKAGE = 'tidemark-agent_9.9.9-1_amd64.deb';
const sha256 = (bytes) => crypto.createHash('sha256').update(bytes).digest('hex');
const secretOf = (token) => token.match(/^tmk1\.[^.]+\.[^.]+\.([^@]+)@/)[1];

describe('a host that joins', () => {
	let place, server, api, packages, host, agent;

	/** A program of the host. */
	const program = (name, ...lines) => {
		const file = path.join(host, 'bin', name);
		fs.writeFileSync(file, ['#!/bin/sh', ...lines].join('\n') + '\n', { mode: 0o755 });
	};
	const did = (name) => {
		const file = path.join(host, name);
		return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').trim().split('\n') : [];
	};
	const makeToken = async (body = {}) => {
		const made = await api.send('POST', '/tokens', { body: { kind: 'join', max_uses: 1, ...body } });
		assert.equal(made.status, 200, made.text);
		return made.json;
	};

	/** Types a line at the host's shell. What it runs is written down by the kernel's own word
	 *  (strace), and looked for in /proc all the while. */
	const type = (line, secret) => new Promise((resolve, reject) => {
		const trace = path.join(host, `trace-${fs.readdirSync(host).length}`);
		const child = spawn('strace', ['-f', '-qq', '-s', '20000', '-e', 'trace=execve', '-o', trace, 'sh'], {
			...place.owner, cwd: host,
			// A sanitizer that looks for leaks cannot be traced by another.
			env: { PATH: `${host}/bin:/usr/sbin:/usr/bin:/sbin:/bin`, HOME: host, HOST: host, ASAN_OPTIONS: 'detect_leaks=0' },
		});
		let said = '';
		const seen = new Set();
		const watch = setInterval(() => {
			for (const cmdline of commandLines())
				if (cmdline.includes(secret))
					seen.add(cmdline);
		}, 10);
		child.stdout.on('data', (text) => { said += text; });
		child.stderr.on('data', (text) => { said += text; });
		child.once('error', reject);
		child.once('close', (status) => {
			clearInterval(watch);
			resolve({ status, said, seen: [...seen], ran: fs.readFileSync(trace, 'utf8') });
		});
		child.stdin.end(`${line}\n`);
	});

	before(async () => {
		place = new Place('join');
		packages = path.join(place.root, 'packages');
		host = place.directory('host');
		for (const folder of [packages, path.join(host, 'bin')])
			fs.mkdirSync(folder);
		fs.chmodSync(host, 0o777);
		fs.writeFileSync(path.join(packages, PACKAGE), crypto.randomBytes(300_000));
		fs.writeFileSync(path.join(packages, 'passwords.txt'), 'no');
		server = await new Server(place, { options: ['--packages-dir', packages] }).start();
		api = await server.api();
		agent = new Agent(place, { name: 'web-1' });
		program('sudo', 'exec "$@"');
		program('id', 'echo 0');
		program('systemctl', 'echo "$*" >>"$HOST/systemctl"');
		program('dpkg', 'case $1 in --print-architecture) echo amd64 ;; *) exec /usr/bin/dpkg "$@" ;; esac');
		program('dpkg-query', 'cat "$HOST/installed" 2>/dev/null');
		program('apt-get', 'for package; do :; done', 'sha256sum "$package" >>"$HOST/apt"',
			'echo "installed 9.9.9-1" >"$HOST/installed"', 'sleep 0.2',
			'cp "$HOST/agent" "$HOST/bin/tidemark-agent"');
		fs.writeFileSync(path.join(host, 'agent'),
			`#!/bin/sh\nexec '${agent.program}' "$@" --config '${agent.config}' --state-dir '${agent.state}'\n`,
			{ mode: 0o755 });
		fs.chmodSync(path.join(host, 'bin'), 0o777);
	});

	after(() => place?.close());

	it('gets a script and packages from the server, which hands out nothing else', async () => {
		const script = await server.http('GET', '/install.sh');
		assert.equal(script.status, 200);
		assert.match(script.headers['content-type'], /^text\/x-shellscript/);
		assert.match(script.text, new RegExp(`^url='http://127\\.0\\.0\\.1:${server.port}'$`, 'm'));
		const bytes = fs.readFileSync(path.join(packages, PACKAGE));
		assert.ok(script.text.includes(`amd64 9.9.9-1 ${sha256(bytes)} ${PACKAGE}`), script.text);
		const got = place.must('sh', ['-c', `curl -fsS http://127.0.0.1:${server.port}/packages/${PACKAGE} | sha256sum`]);
		assert.equal(got.split(' ')[0], sha256(bytes));
		for (const name of ['passwords.txt', '..%2Fserver%2Fkeys%2Fserver.key', 'tidemark-agent_1_amd64.deb', '%2e'])
			assert.equal((await server.http('GET', `/packages/${name}`)).status, 404, name);
		const odd = await server.http('GET', '/install.sh', { headers: { host: 'a\'; touch x; \'' } });
		assert.equal(odd.status, 400, odd.text);
	});

	it('is installed and joined by one line, and no process has the token in its arguments', async () => {
		const token = await makeToken({ host_glob: 'WEB-*', labels: { zone: 'north', role: 'shop' } });
		const script = await server.http('GET', '/install.sh');
		assert.ok(token.install.includes(sha256(script.text)), token.install);
		const secret = secretOf(token.secret);

		const first = await type(token.install, secret);
		assert.equal(first.status, 0, first.said);
		assert.match(first.said, /Enrolled as agent/);
		assert.deepEqual(first.seen, []);
		assert.ok(!first.ran.includes(secret), 'a process had it in its arguments');
		assert.ok(first.ran.includes('"join", "-"') && first.ran.includes('apt-get'), first.ran);
		assert.equal(did('apt').length, 1);
		assert.ok(did('apt')[0].startsWith(sha256(fs.readFileSync(path.join(packages, PACKAGE)))));
		assert.deepEqual(server.sql('SELECT key, value FROM host_label ORDER BY key'),
			[['role', 'shop'], ['zone', 'north']]);

		// Again: nothing is installed, no use is spent.
		const second = await type(token.install, secret);
		assert.equal(second.status, 0, second.said);
		assert.match(second.said, /is installed already/);
		assert.equal(did('apt').length, 1);
		assert.equal(server.number(`SELECT uses FROM token WHERE id = '${token.id}'`), 1);
		assert.equal(server.number('SELECT count(*) FROM agent'), 1);

		// What is looked for can be found.
		const loud = await type(`tidemark-agent join '${token.secret}'`, secret);
		assert.ok(loud.ran.includes(secret), 'the trace is blind');
		assert.match(loud.said, /every user of this host can read its arguments/);
	});

	it('runs no script but the one of the console, and installs no package but the server\'s', async () => {
		const token = await makeToken();
		const { text } = await server.http('GET', '/install.sh');
		const before = server.number('SELECT count(*) FROM audit');
		fs.rmSync(path.join(host, 'installed'));
		fs.appendFileSync(path.join(packages, PACKAGE), 'and more');
		await eventually(async () => (await server.http('GET', '/install.sh')).text !== text,
			{ what: 'the server to see the other package' });
		const other = await type(token.install, secretOf(token.secret));
		assert.match(other.said, /is not the one that the console showed/);
		assert.ok(!other.ran.includes('apt-get') && !other.ran.includes('"join"'), other.ran);

		// The script as it was, with the package as it is now.
		fs.writeFileSync(path.join(host, 'old.sh'), text);
		const stale = await type(`{ echo 'TIDEMARK_TOKEN=${token.secret}'; cat old.sh; } | sudo sh`, secretOf(token.secret));
		assert.notEqual(stale.status, 0);
		assert.match(stale.said, /the package is not what the server promised: its SHA-256 is not/);
		assert.equal(did('apt').length, 1);
		// With no token and nobody to ask it says what is missing.
		const none = await type('setsid -w sh old.sh </dev/null', 'x-no');
		assert.notEqual(none.status, 0);
		assert.match(none.said, /a join token is needed/);
		// Cut off on its way, it does nothing at all.
		const cut = await type(`{ echo 'TIDEMARK_TOKEN=x'; head -c ${text.length - 20} old.sh; } | sudo sh`, 'x-no');
		assert.ok(!cut.ran.includes('curl'), cut.ran);
		assert.equal(server.number('SELECT count(*) FROM audit'), before);
	});

	it('has a name that the token is for', async () => {
		const token = await makeToken({ host_glob: 'db-*' });
		const refused = new Agent(place, { name: 'web-2' }).tryJoin(token.secret);
		assert.notEqual(refused.status, 0);
		assert.match(refused.stderr, /the token is not for hosts of this name/);
		new Agent(place, { name: 'DB-7' }).join(token.secret);
		const made = server.token('--host-glob', 'mail-?', '--label', 'zone=south', '--uses', '1');
		new Agent(place, { name: 'mail-1' }).join(made);
		assert.deepEqual(server.sql(`SELECT key, value FROM host_label l JOIN host h ON h.id = l.host_id
			WHERE h.name = 'mail-1'`), [['zone', 'south']]);
		for (const wrong of [['--label', 'zone'], ['--label', 'Zone=x'], ['--host-glob', 'a b']])
			assert.notEqual(server.tryCommand('token', 'create', ...wrong).status, 0, wrong.join(' '));
	});

	it('is turned away over the connection that it has, loses nothing, and can come back', async () => {
		agent.start();
		await agent.stored(server, 2);
		const [[id, token]] = server.sql(`SELECT agent.id, token_id FROM agent JOIN host ON host.id = host_id
			WHERE host.name = 'web-1'`);
		const revoked = await api.send('POST', `/tokens/${token}/revoke`, { body: { agents: true } });
		assert.equal(revoked.status, 200, revoked.text);
		assert.equal(revoked.json.agents_revoked, 1);
		const stored = () => server.number(`SELECT stored_batches FROM agent WHERE id = ${id}`);
		const log = () => fs.readFileSync(path.join(place.root, 'web-1.log'), 'utf8');
		const status = () => place.run(agent.program, ['status', ...agent.options()]).stdout;
		await eventually(() => /lost: this agent was revoked/.test(log()), { what: 'the agent to say so' });
		const then = stored();
		await eventually(() => /^connected +no: this agent was revoked/m.test(status())
			&& Number(status().match(/^spool +(\d+) batches/m)[1]) >= 3, { what: 'its status to say so' });
		assert.equal(stored(), then);
		assert.equal(Number(status().match(/ (\d+) stored/)[1]), then, 'what is acknowledged is stored');

		// Its token is of no use to others either, and it stays out.
		const late = new Agent(place, { name: 'web-3' }).tryJoin((await makeToken()).secret.replace(/\.[0-9a-f]{16}\./, `.${token}.`));
		assert.match(late.stderr, /unknown token/);

		// What was read meanwhile is stored when it has joined again: no batch is missing.
		agent.join((await makeToken({ labels: { zone: 'east' } })).secret);
		await eventually(() => stored() > then + 1, { what: 'what was spooled to be stored' });
		assert.equal(server.number(`SELECT count(*) FROM stream, unnest(stored) WHERE agent_id = ${id}`), 1);
		assert.equal(server.number('SELECT coalesce(sum(batches), 0) FROM gap'), 0);
		assert.deepEqual(server.sql(`SELECT value FROM host_label l JOIN host h ON h.id = l.host_id
			WHERE h.name = 'web-1' ORDER BY key`), [['shop'], ['east']]);
		await agent.stop();
	});

	it('stands in the audit, with who let it in and who threw it out', async () => {
		const { items } = (await api.send('GET', '/audit?limit=200')).json;
		const of = (action) => items.filter((row) => row.action === action);
		assert.ok(of('token.add').some((row) => row.actor === 'admin' && /hosts WEB-\*.*zone=north/.test(row.detail)));
		assert.ok(of('token.add').some((row) => row.actor === 'command line'));
		assert.ok(of('agent.enrol').some((row) => row.host?.name === 'web-1' && /^with token [0-9a-f]{16}$/.test(row.detail)));
		assert.equal(of('token.revoke').length, 1);
		assert.equal(of('agent.revoke').length, 1);
		assert.equal(of('agent.revoke')[0].actor, 'admin');
	});
});

/** The arguments of every process, as every user can read them. */
function commandLines() {
	return fs.readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map((pid) => {
		try {
			return fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8');
		} catch {
			return ''; // it has ended
		}
	});
}
