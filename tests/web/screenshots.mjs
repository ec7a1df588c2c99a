// Makes the pictures of the README: docs/screenshots/*.png.
//
//     node screenshots.mjs
//
// Of the instance that TIDEMARK_URL, TIDEMARK_USER and TIDEMARK_PASSWORD name, or else of
// one of its own with the demo's leak (see walk.mjs), after it has leaked for a while. Those
// of snapshots are of the newest of checkout, against one of another version; on its own
// instance it takes them itself.
// (As root, `unshare --fork --pid --mount-proc` before it keeps the machine's other
// processes out of the pictures.)
import { fileURLToPath } from 'node:url';
import { eventually, sleep } from '../scenario/lib/wait.mjs';
import { Window, launch } from './lib/browser.mjs';
import { instance } from './lib/instance.mjs';

const OUT = process.env.OUT ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const STORY_MS = 10 * 60_000; // until instances have reached their limit twice
const BETWEEN_MS = 45_000; // two snapshots of one process
const SIZE = { width: 1280, height: 800 };
const THEMES = ['light', 'dark'];

/** Who looks, logged in: a window, how to ask the API, and how to make a picture. */
async function look(own, browser, theme) {
	const window = await Window.open(browser, { url: own.url, theme, size: SIZE, out: OUT });
	const { page } = window;
	await window.logIn(own.user, own.password);
	return {
		window, page,
		api: (path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path),
		shot: async (name, height) => {
			await page.setViewportSize({ ...SIZE, height });
			await window.settled();
			await page.screenshot({ path: `${OUT}/${name}-${theme}.png` });
		},
	};
}

async function shoot(own, browser, theme) {
	const { window, page, api, shot } = await look(own, browser, theme);
	const service = (await api('/services?q=checkout')).items[0];
	const alert = (await api('/alerts?state=open,acknowledged,resolved')).items
		.find((a) => a.finding.service.id === service.id);
	await window.goto('/');
	await shot('fleet', 620);
	await window.goto(`/services/${service.id}`);
	const box = await page.locator('.plot').first().boundingBox();
	await page.mouse.move(box.x + box.width * 0.8, box.y + box.height / 2);
	await shot('service', 860);
	await window.goto(`/alerts/${alert.id}`);
	await shot('alert', 860);
	await window.close();
}

async function shootSnapshots(own, browser, theme) {
	const { window, api, shot } = await look(own, browser, theme);
	const service = (await api('/services?q=checkout')).items[0];
	const [newest, ...others] = (await api(`/services/${service.id}/snapshots`)).items;
	const control = others.find((o) => o.version.version !== newest.version.version);
	if (control) {
		await window.goto(`/snapshots/${newest.id}`);
		await shot('snapshot', 860);
		await window.goto(`/snapshots/${control.id}...${newest.id}`);
		await shot('comparison', 860);
	} else {
		console.error('there are no snapshots of two versions of checkout: their pictures stay as they are');
	}
	await window.close();
}

/** One of a process that does not leak, two of the leaking one that is youngest, and so
 *  will live long enough. */
async function takeThree({ api }) {
	const service = (await api.all('/services?q=checkout'))[0];
	const running = (await api.all(`/services/${service.id}/instances`)).filter((i) => i.running)
		.sort((a, b) => b.started_at_ms - a.started_at_ms);
	const of = (version) => running.find((i) => i.version.version === version).id;
	await take(api, of('1.0.0'));
	await take(api, of('1.1.0'));
	await sleep(BETWEEN_MS);
	await take(api, of('1.1.0'));
}

async function take(api, instanceId) {
	const { json: asked } = await api.send('POST', `/instances/${instanceId}/captures`, { body: {} });
	const is = (states) => eventually(async () => {
		const now = await api.get(`/captures/${asked.id}`);
		if (['denied', 'failed', 'expired'].includes(now.state)) throw new Error(`${now.state}: ${now.text}`);
		return states.includes(now.state);
	}, { within: 120_000, what: `the snapshot to be ${states}` });
	await is(['quoted']);
	await api.send('POST', `/captures/${asked.id}/confirm`, { body: { overrule: true } });
	await is(['done']);
}

/** The banner that asks for another password does not belong into the pictures. */
async function settlePassword(own, browser) {
	const window = await Window.open(browser, { url: own.url, out: OUT });
	await window.logIn(own.user, own.password);
	const body = JSON.stringify({ current: own.password, new: 'four random words' });
	await window.page.evaluate((text) => fetch('/api/v1/session/password',
		{ method: 'POST', headers: { 'content-type': 'application/json' }, body: text }), body);
	await window.close();
	own.password = 'four random words';
}

const own = await instance();
if (own.isOurs) await sleep(STORY_MS);
const browser = await launch();
try {
	if (own.isOurs) await settlePassword(own, browser);
	for (const theme of THEMES) await shoot(own, browser, theme);
	if (own.isOurs) await takeThree(own);
	for (const theme of THEMES) await shootSnapshots(own, browser, theme);
} finally {
	await browser.close();
	await own.close();
}
