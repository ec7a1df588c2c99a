// Every route as its description says it: who may call, what is refused and how, and what it
// answers. New routes are called without being named here.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import { after, before, describe, it } from 'node:test';
import { Description, wrongTexts, wrongValues } from './lib/description.mjs';
import { Api } from './lib/http.mjs';
import { Place } from './lib/place.mjs';
import { Server } from './lib/server.mjs';

const SUPPORT = new URL('../support/', import.meta.url);
const SCHEMA = new URL('../../schema/', import.meta.url);
const PASSWORD = 'correct horse'; // of those in api_seed.sql
const UNKNOWN = 2_000_000_000;
const STREAM = 'GET /api/v1/events';
/** Logging in and out is for everybody, and would end the sessions of this test. */
const SESSION = /^(POST|DELETE) \/api\/v1\/session/;
/** What is asked for where parameters depend on each other. */
const NEEDS = {
	'/api/v1/series': '/series?service=1&metric=rss_anon_kb',
	'/api/v1/silences/preview': '/silences/preview?service=checkout',
	'/api/v1/snapshots/{id}/compare': '/snapshots/2/compare?with=1',
	'/api/v1/compare': '/compare?a=service:1&b=service:1,version:2&metric=rss_anon_kb',
};

describe('every route', () => {
	let place, server, anybody, eve, bob, ada, description;

	before(async () => {
		place = new Place('routes');
		server = new Server(place, { options: ['--roles', 'api'] });
		await server.start();
		for (const file of ['api_seed.sql', 'api_snapshots.sql', 'api_config.sql'])
			server.sql(fs.readFileSync(new URL(file, SUPPORT), 'utf8'));
		anybody = new Api(server.port);
		[eve, bob, ada] = await Promise.all(['eve', 'bob', 'ada'].map(async (name) => {
			const api = new Api(server.port);
			await api.login(name, PASSWORD);
			return api;
		}));
		description = new Description(await ada.get('/openapi.json'));
	});
	after(() => place?.close());

	const each = () => description.operations.filter((o) => !SESSION.test(o.name) && o.name !== STREAM);
	const filled = (o, id = 1) => o.path.replace('/api/v1', '').replace(/\{\w+\}/, encodeURIComponent(id));
	const call = (api, o, { path = filled(o), ...options } = {}) => o.path.startsWith('/api/v1')
		? api.send(o.method, path, options) : server.http(o.method, path, options);
	const writes = (o) => o.method !== 'GET';

	/** Runs a check for all operations, and tells all that fail. */
	async function forEach(operations, check) {
		const faults = [];
		for (const o of operations) {
			const fault = await check(o);
			if (fault)
				faults.push(`${o.name}: ${fault}`);
		}
		assert.deepEqual(faults, []);
	}

	function refusal(answer, ...statuses) {
		if (!statuses.includes(answer.status))
			return `${answer.status} instead of ${statuses.join(' or ')}: ${answer.text.slice(0, 200)}`;
		return description.faults('/components/schemas/Problem', answer.json)
			|| (answer.json.detail.length > 5 ? '' : 'it does not say what is wrong');
	}

	it('is in the table and in the description', () => {
		assert.ok(description.operations.length > 60);
		assert.deepEqual(description.operations.filter((o) => !o.access).map((o) => o.name), []);
	});

	it('answers nobody who is not logged in', () =>
		forEach(each().filter((o) => !['OPEN', 'LOCAL'].includes(o.access)), async (o) =>
			refusal(await call(anybody, o, writes(o) ? { body: {} } : {}), 401)));

	it('lets only those change things who may', async () => {
		await forEach(each().filter((o) => ['OPERATOR', 'OPERATOR_OF_ALL', 'ADMIN'].includes(o.access)), async (o) =>
			refusal(await call(eve, o, writes(o) ? { body: {} } : {}), 403));
		await forEach(each().filter((o) => o.access === 'ADMIN'), async (o) =>
			refusal(await call(bob, o, writes(o) ? { body: {} } : {}), 403));
	});

	it('does not know what does not exist', () =>
		forEach(each().filter((o) => o.path.includes('{') && !writes(o)), async (o) => {
			return refusal(await call(ada, o, { path: `${filled(o, UNKNOWN)}?${withRequired(o, {}, '')}` }), 404);
		}));

	it('refuses what cannot be an id', () =>
		forEach(each().filter((o) => o.path.includes('{') && !/tokens/.test(o.path)), async (o) => {
			const faults = [];
			for (const id of ['abc', '0', '-1', '1.5', '99999999999999999999', '\u0000', '../1', '1;DROP', '٣'])
				faults.push(refusal(await call(ada, o, { path: filled(o, id), ...(writes(o) ? { body: {} } : {}) }), 400, 404));
			return faults.find(Boolean);
		}));

	it('refuses parameters of a wrong type, by name', () =>
		forEach(each().filter((o) => o.query.length > 0), async (o) => {
			const faults = [];
			for (const q of o.query)
				for (const text of wrongTexts(description.resolve(q.schema).items
					? { type: 'array', items: description.resolve(description.resolve(q.schema).items) } : description.resolve(q.schema))) {
					const answer = await call(ada, o, { path: `${filled(o)}?${withRequired(o, q, text)}` });
					const fault = refusal(answer, 400);
					if (fault || !answer.text.includes(q.name))
						faults.push(`${q.name}=${text}: ${fault || 'is not named'}`);
				}
			return faults.join('\n');
		}));

	it('refuses parameters that nobody knows', () =>
		forEach(each().filter((o) => o.method === 'GET' && o.path.startsWith('/api/v1')), async (o) => {
			const path = `${filled(o)}?${withRequired(o, { name: 'perhaps' }, '1')}`;
			return refusal(await call(ada, o, { path }), 400, 404);
		}));

	it('refuses bodies of a wrong kind', () =>
		forEach(each().filter((o) => description.taken(o)), async (o) => {
			const faults = [];
			for (const body of ['{', '[]', '7', '"text"', 'null', `${'['.repeat(5000)}${']'.repeat(5000)}`, '{"a":1,"a":2}'])
				faults.push(refusal(await call(ada, o, { body }), 400, 413, 404, 409));
			const typed = await call(ada, o, { body: 'a=1', headers: { 'content-type': 'application/x-www-form-urlencoded' } });
			faults.push(refusal(typed, 415, 400));
			return faults.filter(Boolean).join('\n');
		}));

	it('refuses properties of a wrong type, by name', () =>
		forEach(each().filter((o) => description.taken(o)?.properties), async (o) => {
			const faults = [];
			for (const [name, schema] of Object.entries(description.taken(o).properties))
				for (const value of wrongValues(description.resolve(schema))) {
					const answer = await call(ada, o, { body: { ...description.required(o, name), [name]: value } });
					const fault = refusal(answer, 400);
					if (fault || !JSON.stringify(answer.json).includes(name))
						faults.push(`${name}: ${JSON.stringify(value)}: ${fault || 'is not named'}`);
				}
			return faults.join('\n');
		}));

	it('answers a request from another site with a refusal', () =>
		forEach(each().filter((o) => writes(o) && o.access !== 'OPEN'), async (o) =>
			refusal(await call(ada, o, { body: {}, headers: { origin: 'http://elsewhere.example' } }), 403)));

	it('answers as its schema says', () =>
		forEach(each().filter((o) => !writes(o) && o.said.responses['200']?.content?.['application/json']), async (o) => {
			const answer = await call(ada, o, { path: NEEDS[o.path] ?? `${filled(o)}?${withRequired(o, {}, '')}` });
			if (answer.status === 404 && o.path.includes('{'))
				return ''; // the fleet of the test has none with the id 1
			if (answer.status !== 200)
				return `${answer.status}: ${answer.text.slice(0, 300)}`;
			return description.faults(`${o.at}/responses/200/content/application~1json/schema`, answer.json);
		}));

	it('has a golden answer as its example, and the example is as the schema says', () =>
		forEach(each().filter((o) => o.method === 'GET' && o.said.responses['200']?.content?.['application/json']
			&& !/healthz|readyz|openapi/.test(o.path)), (o) => {
			const examples = description.examples(o);
			if (examples.length === 0)
				return 'no example';
			return examples.map(({ file, place: at }) =>
				description.faults(at, JSON.parse(fs.readFileSync(new URL(file, SCHEMA), 'utf8')))).filter(Boolean).join('\n');
		}));

	/** A value that does for a parameter without which nothing is answered. */
	function right(o, { name, schema }) {
		const { type, enum: words } = description.resolve(schema);
		if (words)
			return words[0];
		if (name === 'metric')
			return o.path.includes('/hosts/') ? 'mem_available_kb' : 'rss_anon_kb';
		return type === 'integer' ? { to: 2, with: 1 }[name] ?? 1 : 'checkout';
	}

	function withRequired(o, wrong, text) {
		return [...o.query.filter((q) => q.required && q.name !== wrong.name).map((q) => [q.name, right(o, q)]),
			...(wrong.name ? [[wrong.name, text]] : [])].map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
	}
});
