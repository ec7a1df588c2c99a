// Every page of the console, in both themes, both languages, on wide, middling and narrow
// windows; every page while it loads, when the server fails or refuses, empty, crowded, and
// with names that nobody should have. Served by fixture-server.mjs.
//
//     node --test-reporter=tap matrix.mjs
//
// Each theme with one language, which takes minutes; with TIDEMARK_MATRIX=whole each with both.
//
// The pages are those of web/src/app/address.ts: a new one fails until it has a scene here.
import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BUILD, SOURCE } from '../scenario/lib/place.mjs';
import { start } from './fixture-server.mjs';
import { HOSTILE, hostile } from './fixture/hostile.mjs';
import { MIDDLE, NARROW, WIDE, Window, holds, launch } from './lib/browser.mjs';
import { Answers, english } from './lib/words.mjs';

/** Where each page is found in the world with a bit of everything, and in the crowded one. */
const SCENES = {
	fleet: ['/'],
	hosts: ['/hosts'],
	host: ['/hosts/1', '/hosts/4'],
	service: ['/services/1', '/services/4'],
	detection: ['/services/1/detection', '/services/4/detection'],
	snapshots: ['/services/1/snapshots', '/services/4/snapshots'],
	snapshot: ['/snapshots/2'],
	comparison: ['/snapshots/1...2'],
	alerts: ['/alerts'],
	alert: ['/alerts/1', '/alerts/2'],
	silences: ['/silences'],
	agents: ['/agents'],
	configuration: ['/configuration'],
	group: ['/configuration/1', '/configuration/4'],
	storage: ['/storage'],
	fingerprints: ['/services/1/fingerprints', '/services/4/fingerprints'],
	fingerprint: ['/fingerprints/2', '/fingerprints/10'],
	difference: ['/fingerprints/1...2', '/fingerprints/9...10'],
	packages: ['/packages?name=@pm2/io'],
	runtime: ['/services/1/runtime', '/services/4/runtime'],
	queues: ['/queues'],
	queue: ['/queues/1', '/queues/6'],
	compare: ['/compare?a=service:1,version:1&b=service:1,version:2', '/compare?a=service:4&b=service:1&c=service:2&d=service:3'],
	experiments: ['/experiments'],
	settings: ['/settings'],
	lost: ['/nowhere'],
};
/** Tabs of a page are looked at as pages are. */
const MORE = { '': [...['tokens', 'notifications', 'retention', 'detection', 'audit', 'sessions'].map((tab) => [`settings-${tab}`, `/settings?tab=${tab}`]),
	...['settings', 'agents', 'history'].map((tab) => [`group-${tab}`, `/configuration/1?tab=${tab}`])] };
const PAGES = [...Object.entries(SCENES).map(([name, [demo]]) => [name, demo]), ...MORE['']];
const CROWDED = [...Object.entries(SCENES).map(([name, at]) => [name, at[1] ?? at[0]]), ...MORE['']];
/** They ask the server for nothing of their own. */
const STILL = ['lost'];
/** What only an administrator may see. */
const ADMINS = /\/api\/v1\/(users|tokens|targets|messages|audit)/;
/** Names have at most some lines there, so that the page stays as high as others are. */
const SHORTENED = ['fleet', 'hosts', 'host', 'alerts', 'silences', 'agents', 'storage', 'detection', 'experiments',
	'settings-tokens', 'settings-notifications', 'settings-retention', 'settings-detection', 'lost'];
const TALL = 30_000;
const LOOKS = process.env.TIDEMARK_MATRIX === 'whole' ? ['light', 'dark'].flatMap((theme) => ['en', 'zh'].map((language) => [theme, language]))
	: [['light', 'en'], ['dark', 'zh']];
const FEW = 4;

const dist = [join(BUILD, 'web'), join(SOURCE, 'web/dist')].find((folder) => existsSync(join(folder, 'index.html')));

let browser;
before(async () => {
	assert.ok(dist, 'the console is not built');
	browser = await launch();
});
/** Those that a test which failed has left open. */
const looks = new Set();
after(async () => {
	for (const look of looks) await look.close();
	await browser?.close();
});

it('each page that has an address has a scene', () => {
	const source = readFileSync(join(SOURCE, 'web/src/app/address.ts'), 'utf8');
	const places = [...source.slice(source.indexOf('export type Place'), source.indexOf('/** The worst')).matchAll(/page: '(\w+)'/g)].map(([, page]) => page);
	assert.ok(places.length > 20, 'the list of pages was not found');
	assert.deepEqual(Object.keys(SCENES).sort(), places.sort());
});

/** Somebody before a console; what they find wrong is told all at once, at the end. */
class Look {
	static async begin({ scene = 'demo', told, name = 'ada', ...options }) {
		const fixture = await start({ scene, dist, told });
		const window = await Window.open(browser, { url: fixture.url, ...options });
		const look = Object.assign(new Look(), { fixture, window, page: window.page, answers: new Answers(window.page), found: [] });
		looks.add(look);
		look.page.on('dialog', (dialog) => { look.found.push(`a dialog: ${dialog.message()}`); dialog.dismiss(); });
		await window.logIn(name, 'tidemark');
		return look;
	}

	wrong(where, wrongs) {
		const told = wrongs.map((w) => `${where}: ${w}`);
		told.forEach((line) => console.error(`# ${line}`)); // at once: the whole takes minutes
		this.found.push(...told);
	}

	async check(name, options) {
		this.wrong(`${name} ${this.window.size.width}`, await this.window.wrongs(`60-${name}`, options));
	}

	/** Goes through `pages`; a page that hangs does not hide what is wrong with the others. */
	async each(pages, visit) {
		for (const [name, address] of pages) {
			try {
				await visit(name, address);
			} catch (error) {
				this.wrong(name, [error.message.split('\n').slice(0, 3).join(' ')]);
			}
		}
	}

	async close() {
		looks.delete(this);
		await this.window.close();
		this.fixture.stop();
	}

	async end() {
		await this.close();
		assert.ok(this.found.length === 0, `\n${this.found.join('\n')}`);
	}
}

/** Answers of the API but of the session become what `answer` makes of them. */
async function answerEach(page, answer) {
	await page.route((url) => url.pathname.startsWith('/api/v1/') && !/\/(session|events)$/.test(url.pathname), answer);
}

const refuse = (status, title, detail) => (route) => route.fulfill({ status, contentType: 'application/problem+json',
	body: JSON.stringify({ type: 'about:blank', title, status, detail, instance: '/' }) });

describe('every page', { concurrency: FEW }, () => {
	for (const [theme, language] of LOOKS) {
		it(`${theme}, ${language}: 1440, 1024 and 390 px wide`, async () => {
			const look = await Look.begin({ theme, language });
			await look.each(PAGES, async (name, address) => {
				await look.window.resize(WIDE);
				await look.window.goto(address);
				for (const size of [WIDE, MIDDLE, NARROW]) {
					if (size !== WIDE) await look.window.resize(size);
					// The roles of a page are the same in each language; a look at the two ends is enough.
					await look.check(name, { axe: language === 'en' || size === (theme === 'light' ? WIDE : NARROW) });
					if (language === 'zh') look.wrong(`${name} ${size.width}`, await english(look.page, look.answers));
				}
			});
			await look.end();
		});
	}
});

describe('states of every page', { concurrency: FEW }, () => {
	for (const [scene, pages, theme, size, language] of [['empty', PAGES, 'dark', NARROW, 'zh'], ['crowded', CROWDED, 'light', WIDE, 'en'], ['crowded', CROWDED, 'dark', NARROW, 'zh']]) {
		it(`${scene}, ${theme}, ${language}`, async () => {
			const look = await Look.begin({ scene, theme, size, language });
			// What has an id is not in an empty world: the browser says so, too.
			if (scene === 'empty') look.window.expected.push(...Array(200).fill(/404/));
			await look.each(pages, async (name, address) => {
				await look.window.goto(address);
				// Crowded pages have thousands of elements: axe looks at them once.
				await look.check(`${scene}-${name}`, { axe: scene === 'empty' || language === 'en' });
				if (language === 'zh') look.wrong(name, await english(look.page, look.answers));
			});
			await look.end();
		});
	}

	it('answers that do not come', async () => {
		const look = await Look.begin({});
		await answerEach(look.page, () => {}); // for ever
		await look.each(PAGES, async (name, address) => {
			await look.page.goto(look.fixture.url + address);
			await look.page.waitForSelector(STILL.includes(name) ? 'main h1' : 'main :is(.skeleton .bone, [aria-busy=true])');
			await look.check(`loading-${name}`);
		});
		await look.end();
	});

	for (const [state, theme, size, language, status, title, detail, says] of [
		['failing', 'dark', NARROW, 'zh', 503, 'Service unavailable', 'The database does not answer.', /无法|不能|未能|失败/],
		['refused', 'light', WIDE, 'en', 403, 'Forbidden', 'This needs the role admin.', /may not see/]]) {
		it(`${state}, ${theme}, ${language}`, async () => {
			const look = await Look.begin({ theme, size, language });
			await answerEach(look.page, refuse(status, title, detail));
			look.window.expected.push(...Array(5000).fill(new RegExp(`status of ${status}`)));
			await look.each(PAGES, async (name, address) => {
				await look.window.goto(address);
				await look.check(`${state}-${name}`);
				if (language === 'zh') look.wrong(name, await english(look.page, look.answers));
				if (STILL.includes(name)) return;
				const alert = look.page.locator('main [role=alert]').first();
				await alert.waitFor({ timeout: 10_000 });
				assert.match(await alert.innerText(), says);
			});
			await look.end();
		});
	}

	it('a viewer, who may see nothing of an administrator', async () => {
		const look = await Look.begin({ name: 'vera' });
		await look.page.route(ADMINS, refuse(403, 'Forbidden', 'This needs the role admin.'));
		const asked = [];
		look.page.on('request', (request) => { if (ADMINS.test(request.url())) asked.push(new URL(request.url()).pathname); });
		await look.each(PAGES, async (name, address) => {
			await look.window.goto(address);
			await look.check(`viewer-${name}`);
		});
		look.wrong('asked for what is refused anyway', [...new Set(asked)]);
		await look.end();
	});
});

describe('names that nobody should have', { concurrency: FEW }, () => {
	for (const kind of Object.keys(HOSTILE)) {
		it(`${kind}: shown as text, and nothing gives way`, async () => {
			const look = await Look.begin({ told: hostile(kind), size: NARROW, theme: 'dark', language: kind === 'long' ? 'zh' : 'en' });
			look.page.on('request', (request) => {
				const { pathname } = new URL(request.url());
				if (/\/x$/.test(pathname)) look.found.push(`asked for ${pathname}`);
			});
			await look.each(PAGES, async (name, address) => {
				for (const size of [NARROW, WIDE]) {
					await look.window.resize(size);
					if (size === NARROW) await look.window.goto(address);
					await look.check(`hostile-${kind}-${name}`, { axe: false, fullPage: false });
				}
				const made = await look.page.locator('img, main script').count();
				if (made > 0) look.wrong(name, [`${made} elements were made of a name`]);
				const tall = await look.page.evaluate(() => document.documentElement.scrollHeight);
				if (tall > TALL && SHORTENED.includes(name)) look.wrong(name, [`the page is ${tall} px high`]);
			});
			await look.end();
		});
	}
});

describe('what follows by itself', () => {
	const open = async () => {
		const look = await Look.begin({});
		await look.page.waitForSelector('.live.live');
		return look;
	};

	it('two tabs hold one stream, and the second goes on without the first', async () => {
		const look = await open();
		const { streams } = look.fixture;
		const second = await look.window.context.newPage();
		await second.goto(`${look.fixture.url}/alerts`);
		await second.waitForSelector('.live.live');
		await second.waitForSelector('[data-alert]');
		assert.equal(streams.open, 1);
		assert.equal(streams.opened, 1);
		// What the first hears, the second reads.
		const read = second.waitForRequest(/\/api\/v1\/alerts/);
		look.fixture.changed(['alerts']);
		await read;
		await look.page.close();
		await holds(() => assert.equal(streams.opened, 2));
		await second.waitForSelector('.live.live');
		await holds(() => assert.equal(streams.open, 1));
		const again = second.waitForRequest(/\/api\/v1\/alerts/);
		look.fixture.changed(['alerts']);
		await again;
		await look.end();
	});

	it('after a broken stream, and after sleep, everything is read again', async () => {
		const look = await open();
		const { page, window, fixture } = look;
		await page.clock.install();
		await window.goto('/alerts');
		await page.waitForSelector('.live.live');
		const readAgain = () => Promise.all([/\/api\/v1\/alerts/, /\/api\/v1\/fleet/].map((url) => page.waitForRequest(url)));
		window.expect(/ERR_INCOMPLETE_CHUNKED_ENCODING|ERR_CONNECTION_RESET|ERR_EMPTY_RESPONSE/);
		const broken = readAgain();
		fixture.streams.end();
		await broken;
		await page.waitForSelector('.live.live');
		const before = fixture.streams.opened;
		const slept = readAgain();
		await page.clock.fastForward('30:00');
		await slept;
		await holds(() => assert.equal(fixture.streams.opened, before + 1));
		await holds(() => assert.equal(fixture.streams.open, 1));
		await look.end();
	});

	it('no row moves while one is in use, and the list says that there is more', async () => {
		const look = await open();
		const { page, fixture } = look;
		const names = () => page.locator('.fleet [data-row] a.row-link').allInnerTexts();
		await page.keyboard.press('j');
		const stood = await names();
		fixture.world.services.splice(2, 1); // one of those that are shown goes
		fixture.changed(['verdicts']);
		await page.waitForSelector('.list-update .chip');
		assert.deepEqual(await names(), stood);
		await page.click('.list-update .chip');
		await holds(async () => assert.notDeepEqual(await names(), stood));
		await look.end();
	});
});
