// States of the console that a fresh installation does not have: an empty fleet, one with
// snapshots, and a crowded one with long and hostile names. Served by fixture-server.mjs with the security
// headers of the real server.
//
//     node --test-reporter=tap states.mjs
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, it } from 'node:test';
import { BUILD, SOURCE } from '../scenario/lib/place.mjs';
import { start } from './fixture-server.mjs';
import { NARROW, WIDE, Window, launch } from './lib/browser.mjs';

const SCENES = {
	empty: ['/', '/alerts', '/alerts?state=resolved', '/alerts?state=watched', '/agents'],
	demo: ['/', '/services/1', '/services/2', '/services/10', '/services/15', '/services/1/detection', '/services/1/detection?replay=1',
		'/services/1/detection?replay=2', '/services/2/detection', '/alerts?state=watched', '/services/1/snapshots', '/services/2/snapshots', '/services/1/snapshots?take=choose',
		'/services/1/snapshots?capture=1', '/services/1/snapshots?capture=2', '/services/1/snapshots?capture=3',
		'/snapshots/2', '/snapshots/3', '/snapshots/5', '/snapshots/7',
		'/snapshots/1...2', '/snapshots/3...2', '/snapshots/6...7', '/snapshots/2...6', '/alerts/1'],
	crowded: ['/', '/?q=nothing-is-called-so', '/services/1', '/services/2', '/services/4?range=24h', '/alerts', '/alerts/2', '/alerts?state=watched', '/services/4/detection', '/agents',
		'/services/1/snapshots', '/services/4/snapshots', '/services/4/snapshots?take=choose', '/snapshots/2?q=entity', '/snapshots/1...2?show=all'],
};

describe('states that a fresh installation does not have', () => {
	let browser;
	before(async () => { browser = await launch(); });
	after(() => browser?.close());

	// As the build embeds it, or as `vite build` leaves it.
	const dist = [join(BUILD, 'web'), join(SOURCE, 'web/dist')].find((folder) => existsSync(join(folder, 'index.html')));

	for (const [scene, addresses] of Object.entries(SCENES)) {
		for (const [theme, size] of [['light', WIDE], ['dark', NARROW]]) {
			it(`${scene}, ${theme}, ${size.width} px wide`, async () => {
				assert.ok(dist, 'the console is not built');
				const fixture = await start({ scene, dist });
				const window = await Window.open(browser, { url: fixture.url, theme, size });
				try {
					await window.logIn('ada', 'tidemark');
					for (const [i, address] of addresses.entries()) {
						await window.goto(address);
						await window.check(`30-${scene}-${i}`);
						assert.equal(await window.page.locator('img').count(), 0, 'a name became markup');
					}
				} finally {
					await window.close();
					fixture.stop();
				}
			});
		}
	}

	it('a viewer sees the snapshots, and nothing that changes them', async () => {
		const fixture = await start({ scene: 'demo', dist });
		const window = await Window.open(browser, { url: fixture.url });
		try {
			await window.logIn('vera', 'tidemark');
			for (const [i, address] of ['/services/1/snapshots', '/snapshots/2', '/services/1/snapshots?capture=1'].entries()) {
				await window.goto(address);
				await window.check(`31-viewer-${i}`);
				assert.equal(await window.page.locator('main :is(form button, .button.primary, .button.danger, .text-button.danger)').count(), 0);
			}
		} finally {
			await window.close();
			fixture.stop();
		}
	});

	it('a viewer sees what people told the detector, and cannot', async () => {
		const fixture = await start({ scene: 'demo', dist });
		const window = await Window.open(browser, { url: fixture.url });
		try {
			await window.logIn('vera', 'tidemark');
			await window.goto('/services/1/detection');
			await window.check('36-viewer-detection');
			assert.equal(await window.page.locator('main :is(form, fieldset:not([disabled]), .text-button)').count(), 0);
			assert.match(await window.page.locator('main').innerText(), /Eager would have/);
		} finally {
			await window.close();
			fixture.stop();
		}
	});

	it('a leak is said to be none with the keyboard, is remembered, and taken back', async () => {
		const fixture = await start({ scene: 'demo', dist });
		const window = await Window.open(browser, { url: fixture.url });
		const { page } = window;
		try {
			await window.logIn('ada', 'tidemark');
			await window.goto('/alerts/1');
			await page.keyboard.press('d');
			await page.waitForSelector('dialog textarea:focus');
			await page.keyboard.type('The listeners are those of the load test.');
			await window.check('37-not-a-leak');
			await page.keyboard.press('Tab');
			await page.keyboard.press('Tab');
			await page.keyboard.press('Enter');
			await page.waitForSelector('.timeline .e-dismissed');
			assert.match(await page.locator('.page-head').innerText(), /not a leak, says ada/);
			await window.check('38-dismissed');
			await page.click('.facts a');
			await page.click('.tabs a:has-text("Detection")');
			const said = page.locator('.feedback li:has-text("load test")');
			await said.waitFor();
			await window.settled();
			await said.locator('button').click();
			await said.waitFor({ state: 'detached' });
		} finally {
			await window.close();
			fixture.stop();
		}
	});

	it('another sensitivity is tried on the past, and its answer comes by itself', async () => {
		const fixture = await start({ scene: 'demo', dist });
		const window = await Window.open(browser, { url: fixture.url });
		const { page } = window;
		try {
			await window.logIn('ada', 'tidemark');
			await window.goto('/services/1/detection');
			await page.selectOption('select[name=sensitivity]', 'calm');
			await page.selectOption('select[name=days]', '7');
			await page.click('.ask-replay button');
			await page.waitForURL(/[?]replay=4$/);
			await page.waitForSelector('.replay [role=status]:has-text("waits for the detector")');
			assert.equal(await page.locator('.ask-replay button').isDisabled(), true);
			await page.waitForSelector('.replay-verdict:has-text("Calm would have")');
			await window.check('39-replay');
			await page.locator('input[value=eager]').focus();
			await page.keyboard.press('ArrowUp');
			await page.waitForSelector('.toast:has-text("From now on normal")');
			assert.equal(await page.locator('.choice-cards input:checked').getAttribute('value'), 'normal');
			await page.click('.toast button:has-text("Undo")');
			await page.waitForSelector('.chosen:has-text("eager")');
		} finally {
			await window.close();
			fixture.stop();
		}
	});

	it('a snapshot is taken with the keyboard: cost, consent, progress, summary, comparison', async () => {
		const fixture = await start({ scene: 'demo', dist });
		const window = await Window.open(browser, { url: fixture.url });
		const { page } = window;
		try {
			await window.logIn('ada', 'tidemark');
			await window.goto('/services/1/snapshots');
			await page.keyboard.press('s');
			await page.waitForSelector('dialog .choice input:focus');
			await page.keyboard.press('Enter');
			await page.waitForSelector('dialog .gate');
			assert.match(await page.locator('dialog .cost').innerText(), /will answer nothing for about [\d.]+\s(s|ms)/);
			await window.check('32-cost');
			for (const tick of await page.locator('dialog .consent input').all()) {
				await tick.focus();
				await page.keyboard.press('Space');
			}
			await page.locator('dialog .dialog-actions button').last().focus();
			await page.keyboard.press('Enter');
			await page.waitForSelector('dialog progress');
			await window.check('33-progress');
			await page.waitForURL(/[/]snapshots[/]\d+$/);
			await window.settled();
			await window.check('34-summary');
			await page.click('button:has-text("Fetch it to the server")');
			await page.waitForSelector('a[download]');
			await page.click('.compare-with a >> nth=0');
			await page.waitForURL(/[/]snapshots[/]\d+[.]{3}\d+$/);
			await window.settled();
			await window.check('35-comparison');
		} finally {
			await window.close();
			fixture.stop();
		}
	});
});
