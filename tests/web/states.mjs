// States of the console that a fresh installation does not have: an empty fleet, and a
// crowded one with long and hostile names. Served by fixture-server.mjs with the security
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
	crowded: ['/', '/?q=nothing-is-called-so', '/services/1', '/services/2', '/services/4?range=24h', '/alerts', '/alerts/2', '/agents'],
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
});
