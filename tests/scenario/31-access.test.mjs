// Who may see and do what, by the programs that people run: limits to services, tokens,
// sessions, the roles of the database, and an audit that tells when somebody wrote in it.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Api, request } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql

describe('access', () => {
	let place, server, ada, bob;

	const login = async (name) => {
		const api = new Api(server.port);
		await api.login(name, PASSWORD);
		return api;
	};
	const verify = (...options) => server.tryCommand('audit', 'verify', ...options);
	const names = async (api) => (await api.all('/services')).map((s) => s.name);

	before(async () => {
		place = new Place('access');
		server = new Server(place, { options: ['--roles', 'api'] });
		await server.start();
		server.sql(fs.readFileSync(new URL('api_seed.sql', SUPPORT), 'utf8'));
		// The services were seen now, for the fleet of the seed is of another day.
		server.sql(`UPDATE agent SET last_seen_at = now(), last_sample_at = now();
			UPDATE generation SET last_sample_at = now()`);
		[ada, bob] = await Promise.all([login('ada'), login('bob')]);
	});
	after(() => place?.close());

	it('makes the roles of its database at the first start', () => {
		assert.match(server.command('roles', '--status'), /ready/);
		assert.match(server.command('roles', '--sql'), /^CREATE ROLE tidemark_ingest/);
	});

	it('limits a user to services, at once and in his open sessions', async () => {
		assert.ok((await names(bob)).length > 1);
		server.command('user', 'limit', 'bob', '--service', 'postgres*');
		assert.equal((await bob.send('GET', '/services')).status, 401);
		bob = await login('bob');
		assert.deepEqual(await names(bob), ['postgresql']);
		for (const gone of ['/services/1', '/alerts/1', '/instances/3'])
			assert.equal((await bob.send('GET', gone)).status, 404, gone);
		assert.equal((await bob.send('GET', '/audit')).status, 403);
		assert.equal((await bob.send('POST', '/silences', { body: { service: '*', reason: 'x',
			ends_at_ms: Date.now() + 3600_000 } })).status, 403);
		assert.match(server.command('user', 'list'), /bob .* \["postgres\*"\]/);
	});

	it('gives a program less than its maker may, and takes it back', async () => {
		const made = await ada.send('POST', '/tokens', { body: { kind: 'api', name: 'ci', role: 'viewer',
			services: ['checkout'] } });
		assert.equal(made.status, 200, made.text);
		const ask = (path, method = 'GET', body) => request(server.port, method, `/api/v1${path}`,
			{ headers: { authorization: `Bearer ${made.json.secret}` }, body });
		assert.deepEqual((await ask('/services')).json.items.map((s) => s.name), ['checkout']);
		assert.equal((await ask('/services/2')).status, 404);
		assert.equal((await ask('/alerts/1/notes', 'POST', { text: 'x' })).status, 403);
		assert.ok((await ada.get('/tokens')).items.find((t) => t.id === made.json.id).last_used_at_ms);
		assert.equal((await ada.send('POST', `/tokens/${made.json.id}/revoke`, { body: {} })).status, 200);
		assert.equal((await ask('/services')).status, 401);
	});

	it('shows a user his sessions and ends the other one', async () => {
		const here = await login('eve'), there = await login('eve');
		const other = (await here.get('/sessions')).items.find((s) => !s.is_this);
		assert.equal(other.address, '127.0.0.1');
		assert.equal((await here.send('DELETE', `/sessions/${other.id}`)).status, 204);
		assert.equal((await there.send('GET', '/fleet')).status, 401);
		assert.equal((await here.send('GET', '/fleet')).status, 200);
	});

	it('keeps in the audit who came, who did not, and what was changed', async () => {
		await assert.rejects(new Api(server.port).login('eve', 'wrong wrong'), /401/);
		const said = (await ada.all('/audit')).map((r) => `${r.actor} ${r.action} ${r.subject}`);
		for (const row of ['eve session.begin eve', 'nobody session.failed eve', 'command line user.role bob'])
			assert.ok(said.includes(row), `${row}: ${said.join('\n')}`);
		assert.ok(said.some((row) => /^ada token.add /.test(row)));
		assert.deepEqual((await ada.all('/audit?actor=eve&action=session.end')).map((r) => r.subject), ['eve']);
	});

	it('finds what somebody wrote in the audit who may do everything in the database', () => {
		const good = verify();
		assert.equal(good.status, 0, good.stdout + good.stderr);
		const head = /^head (\S+)$/m.exec(good.stdout)[1];
		assert.throws(() => server.sql("UPDATE audit SET actor = 'nobody'"), /only ever added/);
		const id = server.value('SELECT audit_id FROM audit_seal ORDER BY number OFFSET 3 LIMIT 1');
		const write = (sql) => server.sql(`BEGIN; ALTER TABLE audit DISABLE TRIGGER ALL;
			ALTER TABLE audit_seal DISABLE TRIGGER ALL; ${sql};
			ALTER TABLE audit ENABLE TRIGGER ALL; ALTER TABLE audit_seal ENABLE TRIGGER ALL; COMMIT`);
		const [actor] = server.sql(`SELECT actor FROM audit WHERE id = ${id}`)[0];
		write(`UPDATE audit SET actor = 'nobody' WHERE id = ${id}`);
		const changed = verify();
		assert.equal(changed.status, 3);
		assert.match(changed.stdout, new RegExp(`broken at row ${id} .*changed`));
		write(`UPDATE audit SET actor = '${actor}' WHERE id = ${id}`);
		assert.equal(verify('--head', head).status, 0);
		write('DELETE FROM audit_seal WHERE number > 2; DELETE FROM audit WHERE id NOT IN (SELECT audit_id FROM audit_seal)');
		assert.equal(verify().status, 0); // nothing is left that could tell,
		assert.match(verify('--head', head).stdout, /at the end were taken away/); // but for this
	});
});
