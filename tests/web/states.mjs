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
	empty: ['/', '/alerts', '/alerts?state=resolved', '/agents'],
	demo: ['/services/1', '/services/1/snapshots', '/services/2/snapshots', '/services/1/snapshots?take=choose',
		'/services/1/snapshots?capture=1', '/services/1/snapshots?capture=2', '/services/1/snapshots?capture=3',
		'/snapshots/2', '/snapshots/3', '/snapshots/5', '/snapshots/7',
		'/snapshots/1...2', '/snapshots/3...2', '/snapshots/6...7', '/snapshots/2...6', '/alerts/1'],
	crowded: ['/', '/?q=nothing-is-called-so', '/services/1', '/services/2', '/services/4?range=24h', '/alerts', '/alerts/2', '/agents',
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
