// A server with the console's files and an API of canned worlds, for working on the console
// and for its states that a fresh installation does not have: empty and crowded.
//
//     node fixture-server.mjs [--scene demo|empty|crowded] [--port 8480] [--dist FOLDER]
//
// Log in as ada (or vera, who may only look), password "tidemark". It sends the same security headers as the real one.
import { createHash } from 'node:crypto';
import { readFileSync, existsSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Refusal, find, page } from './fixture/answers.mjs';
import { routes as configRoutes } from './fixture/config.mjs';
import { compareRoutes } from './fixture/compare.mjs';
import { contents, scenes } from './fixture/scenes.mjs';
import { routes as caseRoutes } from './fixture/cases.mjs';
import { VERDICTS, routes as detectionRoutes } from './fixture/detection.mjs';
import { growthOf, queueOf, routes as fleetRoutes } from './fixture/fleet.mjs';
import { METRICS, routes as insightRoutes } from './fixture/insight.mjs';
import { aged, grown, routes as serviceRoutes } from './fixture/service.mjs';
import { routes as settingsRoutes } from './fixture/settings.mjs';
import { routes as storageRoutes } from './fixture/storage.mjs';
import { routes as snapshotRoutes } from './fixture/snapshots.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const TYPES = {
	'.css': 'text/css',
	'.html': 'text/html; charset=utf-8',
	'.js': 'text/javascript',
	'.svg': 'image/svg+xml',
	'.woff2': 'font/woff2',
};
export const POLICY =
	"default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; " +
	"base-uri 'none'; form-action 'self'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'";

function serviceRow(world, s) {
	const { instances, first_seen_ms, ...row } = s;
	return {
		...row,
		instances: instances.length,
		open_alerts: world.alerts.filter((a) => a.finding.service.id === s.id && a.state === 'open')
			.length,
		versions: s.versions.map((v) => ({
			id: v.id,
			version: v.version,
			label: v.label,
			instances: v.instances,
			verdict: v.verdict,
			level: v.level,
		})),
		growth: growthOf(s),
		queue: queueOf(world, s),
	};
}

function fleet(w) {
	const verdicts = Object.fromEntries(
		VERDICTS.map((v) => [
			v,
			w.services.filter((s) => s.verdict === v).length,
		]),
	);
	const states = (s) => w.agents.filter((a) => a.state === s).length;
	return {
		at_ms: w.at,
		hosts: w.agents.length,
		services: w.services.length,
		instances: w.instanceCount,
		instances_silent: w.services.flatMap((s) => s.instances).filter((i) => i.silent_since_ms !== null).length,
		findings: Object.fromEntries(['watch', 'confirmed'].map((l) => [l, w.findings.filter((f) => f.level === l).length])),
		agents: {
			total: w.agents.length - states('revoked'),
			reporting: states('reporting'),
			silent: states('silent'),
		},
		alerts: {
			open: w.alerts.filter((a) => a.state === 'open').length,
			...Object.fromEntries(['new', 'escalating', 'regressed', 'acknowledged', 'archived', 'resolved']
				.map((inbox) => [inbox, w.alerts.filter((a) => a.inbox === inbox).length])),
		},
		verdicts,
	};
}

function makeToken(world, body) {
	const id = createHash('sha256').update(String(world.tokens.length)).digest('hex').slice(0, 16);
	const token = {
		id,
		kind: body.kind,
		name: body.name ?? '',
		created_at_ms: Date.now(),
		created_by: 'ada',
		expires_at_ms: Date.now() + (body.ttl_s ?? 3600) * 1000,
		max_uses: body.max_uses ?? null,
		uses: 0,
		revoked_at_ms: null,
		role: body.role ?? null,
		services: body.services ?? null,
		last_used_at_ms: null,
		host_glob: body.host_glob ?? '',
		labels: body.labels ?? {},
	};
	world.tokens.unshift(token);
	const secret = `tmj1.${id}.${createHash('sha512').update(id).digest('base64url')}`;
	const install = `{ echo 'TIDEMARK_TOKEN=${secret}'; curl -fsS https://tidemark.example.com/install.sh; } | sudo sh`;
	return { ...token, secret, command: `echo '${secret}' | sudo tidemark-agent join -`, install };
}

const routes = [
	...snapshotRoutes,
	...detectionRoutes,
	...caseRoutes,
	...fleetRoutes,
	...insightRoutes,
	...settingsRoutes,
	...configRoutes,
	...storageRoutes,
	...serviceRoutes,
	...compareRoutes,
	['GET', /^\/fleet$/, (w) => fleet(w)],
	[
		'GET',
		/^\/about$/,
		(w) => ({
			version: '0.1.0',
			started_at_ms: w.at,
			agent_endpoint: 'tcp://10.0.0.5:8471',
			enrol_endpoint: 'tcp://10.0.0.5:8472',
			raw_retention_days: 30,
			rollup_retention_days: 730,
		}),
	],
	['GET', /^\/metrics$/, (w, { query }) => page(METRICS, query)],
	[
		'GET',
		/^\/services$/,
		(w, { query }) =>
			page(
				w.services
					.filter(
						(s) =>
							s.name.toLowerCase().includes((query.get('q') ?? '').toLowerCase()) &&
							(!query.get('verdict') || s.verdict === query.get('verdict')),
					)
					.map((s) => serviceRow(w, s)),
				query,
			),
	],
	[
		'GET',
		/^\/services\/(\d+)$/,
		(w, { ids }) => {
			const { instances, rate, sparkline, ...s } = find(w.services, ids[0], 'service');
			return {
				...s,
				instances: instances.length,
				alerts: w.alerts
					.filter((a) => a.finding.service.id === s.id)
					.map((a) => ({
						id: a.id,
						state: a.state,
						resolution: a.resolution,
						level: a.finding.level,
						kind: a.finding.kind,
						version: a.finding.version.version,
						summary: a.finding.summary,
					})),
			};
		},
	],
	[
		'GET',
		/^\/services\/(\d+)\/instances$/,
		(w, { ids, query }) => page(find(w.services, ids[0], 'service').instances, query),
	],
	[
		'GET',
		/^\/series$/,
		(w, { query }) => {
			const ids = query.get('instance')?.split(',');
			const service = ids ? w.services.find((s) => s.instances.some((i) => ids.includes(String(i.id))))
				: find(w.services, query.get('service'), 'service');
			const chosen = ids ? service.instances.filter((i) => ids.includes(String(i.id))) : service.instances;
			const answer = contents(
				service,
				chosen,
				query.get('metric'),
				Number(query.get('from')),
				Number(query.get('to')),
				Number(query.get('points')),
				Date.now(),
				w.deploys.filter((d) => d.service.id === service.id && d.origin === 'api'),
			);
			const lines = query.get('align') === 'start' ? aged(answer, chosen, query, Date.now()) : answer;
			return query.get('delta') === 'true' ? grown(lines) : lines;
		},
	],
	['GET', /^\/agents$/, (w, { query }) => page(w.agents, query)],
	[
		'POST',
		/^\/agents\/(\d+)\/revoke$/,
		(w, { ids, changed }) => {
			const agent = Object.assign(find(w.agents, ids[0], 'agent'), {
				state: 'revoked',
				revoked_at_ms: Date.now(),
			});
			changed(['agents']);
			return agent;
		},
	],
	['GET', /^\/tokens$/, (w, { query }) => page(w.tokens, query)],
	['POST', /^\/tokens$/, (w, { body }) => makeToken(w, body)],
	[
		'POST',
		/^\/tokens\/(\w+)\/revoke$/,
		(w, { ids, body }) => ({ ...Object.assign(find(w.tokens, ids[0], 'token'), { revoked_at_ms: Date.now() }), ...(body.agents ? { agents_revoked: 2 } : {}) }),
	],
];

async function bodyOf(request) {
	let text = '';
	for await (const chunk of request) text += chunk;
	return text ? JSON.parse(text) : {};
}

/**
 * Starts a server; resolves to {url, stop, world, changed, streams}. `told`: what becomes of an answer to
 * GET before it is sent, such as names that nobody should have.
 * `streams`: those that are open, how many there ever were, and `end`, which breaks them all.
 */
export async function start({ scene = 'demo', port = 0, dist = join(here, '../../web/dist'), told = (answer) => answer } = {}) {
	const world = scenes[scene]();
	const person = { user: 'ada', role: 'admin', services: null, password_is_one_time: true };
	const looker = { user: 'vera', role: 'viewer', services: null, password_is_one_time: false };
	let password = 'tidemark';
	const streams = new Set();
	let opened = 0;
	const changed = (topics) =>
		streams.forEach((s) => s.write(`event: change\ndata: ${JSON.stringify({ topics })}\n\n`));

	function session(request, response, body) {
		if (request.method === 'POST') {
			const who = [person, looker].find((p) => p.user === body.name);
			if (!who || body.password !== password)
				throw new Refusal(401, 'Unauthorized', 'Name or password is wrong.');
			response.setHeader('set-cookie', `fixture=${who.user}; HttpOnly; SameSite=Strict; Path=/`);
			return who;
		}
		if (request.method === 'DELETE') {
			response.setHeader('set-cookie', 'fixture=; Max-Age=0; Path=/');
			return undefined;
		}
		const [, name] = /fixture=(\w+)/.exec(request.headers.cookie ?? '') ?? [];
		return [person, looker].find((p) => p.user === name) ?? null;
	}

	async function api(request, response, url) {
		const path = url.pathname.slice('/api/v1'.length);
		const body = ['POST', 'PUT'].includes(request.method) ? await bodyOf(request) : {};
		if (path === '/session') return session(request, response, body);
		session({ method: 'GET', headers: request.headers }, response, {});
		if (path === '/session/password') {
			if (body.current !== password)
				throw new Refusal(403, 'Forbidden', 'The current password is wrong.');
			password = body.new;
			person.password_is_one_time = false;
			return undefined;
		}
		for (const [method, pattern, answer] of routes) {
			const match = pattern.exec(path);
			if (match && method === request.method)
				return answer(world, {
					ids: match.slice(1),
					query: url.searchParams,
					body,
					headers: request.headers,
					changed,
				});
		}
		throw new Refusal(404, 'Not found', `There is no ${path} here.`);
	}

	function events(request, response) {
		response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
		response.write(': hello\n\n');
		streams.add(response);
		opened++;
		request.on('close', () => streams.delete(response));
	}

	function file(response, pathname) {
		const path = normalize(join(dist, pathname));
		const found =
			path.startsWith(normalize(dist)) && extname(path) && existsSync(path)
				? path
				: join(dist, 'index.html');
		response.setHeader('content-type', TYPES[extname(found)] ?? 'application/octet-stream');
		response.end(readFileSync(found));
	}

	const server = createServer((request, response) => {
		const url = new URL(request.url, 'http://fixture');
		response.setHeader('content-security-policy', POLICY);
		response.setHeader('x-content-type-options', 'nosniff');
		if (!url.pathname.startsWith('/api/')) return file(response, url.pathname);
		if (url.pathname === '/api/v1/events') return events(request, response);
		return api(request, response, url)
			.then((answer) => {
				if (answer === undefined) return response.writeHead(204).end();
				const text = JSON.stringify(request.method === 'GET' ? told(answer, url) : answer);
				const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 16)}"`;
				if (request.headers['if-none-match'] === etag) return response.writeHead(304).end();
				return response.writeHead(200, { 'content-type': 'application/json', etag }).end(text);
			})
			.catch((e) => {
				const status = e.status ?? 500;
				response.writeHead(status, { 'content-type': 'application/problem+json' });
				response.end(
					JSON.stringify({
						type: 'about:blank',
						title: e.title ?? 'Error',
						status,
						detail: e.message,
						instance: url.pathname,
					}),
				);
			});
	});
	await new Promise((resolve) => server.listen(port, '127.0.0.1', resolve));
	return {
		url: `http://127.0.0.1:${server.address().port}`,
		world,
		changed,
		streams: {
			get open() { return streams.size; },
			get opened() { return opened; },
			end: () => streams.forEach((s) => s.destroy()),
		},
		stop: () => {
			server.closeAllConnections();
			server.close();
		},
	};
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
	const option = (name, other) => {
		const at = process.argv.indexOf(`--${name}`);
		return at < 0 ? other : process.argv[at + 1];
	};
	const scene = option('scene', 'demo');
	if (!scenes[scene]) {
		console.error(
			`fixture-server: no scene "${scene}"; there are ${Object.keys(scenes).join(', ')}`,
		);
		process.exit(2);
	}
	const options = { scene, port: Number(option('port', 8480)) };
	const dist = option('dist');
	if (dist) options.dist = dist;
	console.log(`${scene} on ${(await start(options)).url}`);
}
