// Makes the pictures of the README: docs/screenshots/*.png.
//
//     node screenshots.mjs
//
// Of the instance that TIDEMARK_URL, TIDEMARK_USER and TIDEMARK_PASSWORD name, or else of
// one of its own with the demo's leak (see walk.mjs), after it has leaked for a while.
// (As root, `unshare --fork --pid --mount-proc` before it keeps the machine's other
// processes out of the pictures.)
import { fileURLToPath } from 'node:url';
import { sleep } from '../scenario/lib/wait.mjs';
import { Window, launch } from './lib/browser.mjs';
import { instance } from './lib/instance.mjs';

const OUT = process.env.OUT ?? fileURLToPath(new URL('../../docs/screenshots', import.meta.url));
const STORY_MS = 10 * 60_000; // until instances have reached their limit twice
const SIZE = { width: 1280, height: 800 };

async function shoot(own, browser, theme) {
	const window = await Window.open(browser, { url: own.url, theme, size: SIZE, out: OUT });
	const { page } = window;
	const api = (path) => page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), path);
	const shot = async (name, height) => {
		await page.setViewportSize({ ...SIZE, height });
		await window.settled();
		await page.screenshot({ path: `${OUT}/${name}-${theme}.png` });
	};
	await window.logIn(own.user, own.password);
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
	for (const theme of ['light', 'dark']) await shoot(own, browser, theme);
} finally {
	await browser.close();
	await own.close();
}
