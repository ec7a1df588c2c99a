// A browser's walk through every page of the console.
//
//     node --test-reporter=tap walk.mjs
//
// Walks the instance that TIDEMARK_URL, TIDEMARK_USER and TIDEMARK_PASSWORD name, or else
// one of its own with the demo's leak (programs from TIDEMARK_BUILD). Then every page in
// dark and light, wide and narrow. Screenshots go to OUT, by default tests/web/screenshots.
import assert from 'node:assert/strict';
import { after, before, describe, it } from 'node:test';
import { eventually } from '../scenario/lib/wait.mjs';
import { NARROW, WIDE, Window, holds, launch } from './lib/browser.mjs';
import { instance } from './lib/instance.mjs';

const LOOKS = [['light', WIDE], ['dark', WIDE], ['light', NARROW], ['dark', NARROW]];
const PASSWORD = 'four random words';
/** The detector looks every five seconds; on a busy machine its word changes later. */
const JUDGED_MS = 180_000;
/** What reads a heap gives way to all others. */
const TAKEN_MS = 600_000;

let browser;
before(async () => { browser = await launch(); });
after(() => browser?.close());

describe('a walk through the console', () => {
	let own, window, page;
	let password;
	const path = () => page.evaluate(() => location.pathname + location.search);
	const text = (selector) => page.locator(selector).innerText();
	const says = (selector, pattern, within) => holds(async () => assert.match(await text(selector), pattern), within);
	const counts = (selector, number) => holds(async () => assert.equal(await page.locator(selector).count(), number));

	before(async () => {
		// A snapshot makes a process larger: it must not be restarted for that.
		own = await instance({ limitMb: 3000 });
		password = own.password;
		window = await Window.open(browser, { url: own.url });
		page = window.page;
	});
	after(async () => {
		await window?.close();
		await own?.close();
	});

	it('logs in; a wrong password is told', async () => {
		await window.goto('/');
		await window.check('01-login');
		window.expect(/401/);
		await page.fill('input[name=name]', own.user);
		await page.fill('input[name=password]', 'certainly wrong');
		await page.click('button[type=submit]');
		await page.waitForSelector('#login-error');
		await window.check('02-login-refused');
		await page.fill('input[name=password]', own.password);
		await page.click('button[type=submit]');
		await page.waitForSelector('header.top');
		await window.settled();
		await page.waitForSelector('.live.live');
	});

	it('asks for another password than the one-time one', async (t) => {
		if (own.isOurs) await page.waitForSelector('.banner');
		if (!(await page.locator('.banner').count())) return t.skip('not a one-time password');
		await window.check('03-one-time-password');
		if (!own.isOurs) return t.skip('it stays as it is: the instance is not ours');
		await page.click('.banner button');
		await page.fill('input[name=current]', password);
		await page.fill('input[name=next]', PASSWORD);
		await page.fill('input[name=again]', PASSWORD);
		await window.check('04-change-password');
		await page.click('dialog button[type=submit]');
		await page.waitForSelector('.banner', { state: 'detached' });
		password = PASSWORD;
		return undefined;
	});

	it('finds the leaking service, with the keyboard alone', async () => {
		await window.goto('/');
		await page.keyboard.press('/');
		await page.keyboard.type('checkout');
		await page.waitForURL(/[?]q=checkout/);
		await page.keyboard.press('Escape');
		await page.waitForFunction(() => !location.search.includes('q='));
		await page.keyboard.press('Escape');
		await page.keyboard.press('/');
		await page.keyboard.type('checkout');
		await page.waitForURL(/[?]q=checkout/);
		await page.waitForFunction(() => {
			const rows = [...document.querySelectorAll('[data-row]')];
			return rows.length > 0 && rows.every((row) => row.textContent.includes('checkout'));
		});
		await window.settled();
		await page.evaluate(() => document.activeElement.blur());
		await page.keyboard.press('j');
		await page.waitForFunction(() => document.activeElement.textContent === 'checkout');
		await window.check('05-fleet-search');
		await page.keyboard.press('Enter');
		await page.waitForURL(/[/]services[/]\d+/);
		await window.settled();
	});

	it('shows the service: verdict, versions, instances, charts', async () => {
		await says('h1', /checkout[\s\S]*leaks/, JUDGED_MS);
		await says('[aria-label=Versions]', /1\.1\.0[\s\S]*leaks[\s\S]*[1-9] of \d+ instances/, JUDGED_MS);
		await says('[aria-label=Versions]', /1\.0\.0[\s\S]*0 of \d+ instances/, JUDGED_MS);
		await holds(async () => {
			const rows = await page.locator('[aria-label=Instances] tbody tr').count();
			assert.ok(rows >= 4, `there are ${rows} instances`);
		});
		await holds(async () => assert.ok(await page.locator('.plot canvas').count() >= 2, 'there are two charts at least'));
		await holds(async () => {
			const painted = await page.evaluate(() => {
				const canvas = document.querySelector('.plot canvas');
				const { data } = canvas.getContext('2d').getImageData(0, 0, canvas.width, canvas.height);
				return new Set(new Uint32Array(data.buffer)).size;
			});
			assert.ok(painted > 20, `the chart has ${painted} colours: nothing was drawn`);
		});
		await window.check('06-service');
	});

	it('reads both charts at the crosshair, by pointer and by keyboard', async () => {
		// The pointer comes anew each time: what is above the chart may have moved it.
		await holds(async () => {
			const box = await page.locator('.plot').first().boundingBox();
			await page.mouse.move(5, 5);
			await page.mouse.move(box.x + box.width * 0.97, box.y + box.height / 2);
			await page.waitForSelector('.readout', { timeout: 5000 });
			assert.match(await text('.readout'), /MiB/);
			const crosshairs = await page.locator('.u-cursor-x:not(.u-off)').count();
			assert.ok(crosshairs >= 2, 'the crosshair stands on all charts');
		});
		await window.check('07-crosshair');
		await page.mouse.move(5, 5);
		await holds(async () => {
			await page.locator('.plot').first().focus();
			await page.keyboard.press('End');
			await page.keyboard.press('ArrowLeft');
			assert.match(await page.locator('.plot').first().getAttribute('aria-valuetext'), /\d\d:\d\d/);
		});
	});

	it('zooms with the brush; Back undoes, a double click resets', async () => {
		const before = await path();
		const drag = async (from, to) => {
			const box = await page.locator('.plot').first().boundingBox();
			await page.mouse.move(box.x + box.width * from, box.y + 90);
			await page.mouse.down();
			await page.mouse.move(box.x + box.width * to, box.y + 110, { steps: 6 });
			await page.mouse.up();
		};
		await drag(0.6, 0.95);
		await page.waitForURL(/from=\d+&to=\d+/);
		await window.settled();
		await window.check('08-zoom');
		await page.goBack();
		await holds(async () => assert.equal(await path(), before));
		await window.settled();
		await drag(0.5, 0.9);
		await page.waitForURL(/from=\d+&to=\d+/);
		await window.settled();
		await page.locator('.plot .u-over').first().dblclick();
		await page.waitForFunction(() => !location.search.includes('from='));
		await holds(async () => assert.equal(await path(), before));
	});

	it('shows other metrics, ranges and versions, all in the address', async () => {
		await page.locator('select').first().selectOption('fds');
		await page.waitForURL(/metric=fds/);
		await page.click('.segments button:has-text("15 min")');
		await page.waitForURL(/range=15m/);
		await page.click('.legend button:has-text("1.0.0")');
		await page.waitForURL(/hide=\d+/);
		const address = await path();
		await window.goto(address);
		await holds(async () => assert.equal(await page.locator('select').first().inputValue(), 'fds'));
		await counts('.legend button[aria-pressed=false]', 1);
		await page.click('.segments button:has-text("Custom")');
		await window.check('09-custom-range');
		await page.keyboard.press('Escape');
		await page.waitForSelector('dialog', { state: 'detached' });
	});

	it('triages the alert: acknowledge, note, resolve, undo', async () => {
		await page.keyboard.press('g');
		await page.keyboard.press('a');
		await page.waitForURL(/[/]alerts$/);
		await window.settled();
		await page.waitForSelector('[data-row]');
		await window.check('10-alerts');
		await page.keyboard.press('j');
		await page.keyboard.press('Enter');
		await page.waitForURL(/[/]alerts[/]\d+/);
		await window.settled();
		await window.check('11-alert');
		await page.keyboard.press('a');
		await page.waitForSelector('dialog [name=note]:focus');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.toast:has-text("acknowledged")');
		await page.waitForSelector('.page-head .s-acknowledged');
		await page.keyboard.press('n');
		await page.keyboard.type('Every request adds a listener; fix is in review.');
		await page.keyboard.press('Control+Enter');
		await page.waitForSelector('.note-text:has-text("fix is in review")');
		await page.keyboard.press('Escape');
		await page.keyboard.press('e');
		await page.waitForSelector('dialog [name=version]:focus');
		await page.keyboard.type('9.9.9');
		await page.keyboard.press('Enter');
		await page.waitForSelector('.page-head .s-resolved');
		await page.waitForSelector('.verifying:has-text("Nobody runs 9.9.9 yet")');
		await window.check('12-alert-resolved');
		await page.click('.toast:has-text("resolved") button:has-text("Undo")');
		await page.waitForSelector('.page-head .s-acknowledged');
		await counts('.timeline .e-undone', 1);
	});

	it('says that it is not a leak, and takes it back', async (t) => {
		if (!own.isOurs) return t.skip('the instance is not ours');
		await page.evaluate(() => document.activeElement.blur());
		await page.keyboard.press('d');
		await page.waitForSelector('dialog textarea:focus');
		await page.keyboard.type('It is the demo: it is meant to grow.');
		await window.check('19-not-a-leak');
		await page.click('dialog button[type=submit]');
		await page.waitForSelector('.page-head .s-resolved');
		await says('.page-head', /not a leak, says/);
		await page.click('.toast:has-text("not a leak") button:has-text("Undo")');
		await page.waitForSelector('.page-head .s-acknowledged');
		const alert = await find(window, `/alerts/${(await path()).split('/').pop()}`);
		await holds(async () =>
			assert.deepEqual((await find(window, `/services/${alert.finding.service.id}/feedback`)).items, []));
		return undefined;
	});

	it('sets how easily the service alerts', async (t) => {
		if (!own.isOurs) return t.skip('the instance is not ours');
		const back = await path();
		await page.click('.facts a');
		await page.waitForURL(/[/]services[/]\d+$/);
		await page.click('.tabs a:has-text("Detection")');
		await page.waitForURL(/[/]detection$/);
		await window.settled();
		await page.waitForSelector('text=The default: nobody has changed it');
		await page.check('input[value=calm]');
		await page.waitForSelector('.toast:has-text("From now on calm")');
		await window.check('19-detection');
		await page.check('input[value=normal]');
		await page.waitForSelector('.toast:has-text("From now on normal")');
		await window.goto(back);
		return undefined;
	});

	it('follows what others do', async (t) => {
		if (!own.api) return t.skip('needs an instance of its own');
		const id = Number((await path()).split('/').pop());
		await page.waitForSelector('.live.live'); // and it does not ask by itself every ten seconds
		const answer = await own.api.send('POST', `/alerts/${id}/acknowledge`, { body: { note: 'seen by a colleague', until_ms: Date.now() + 3_600_000 } });
		assert.equal(answer.status, 200, answer.text);
		await page.waitForSelector('.event-text:has-text("seen by a colleague")', { timeout: 30_000 });
		return undefined;
	});

	it('explains snapshots before there is one', async () => {
		await window.goto('/');
		await page.click('.row-link:has-text("checkout")');
		await page.click('.tabs a:has-text("Snapshots")');
		await page.waitForURL(/[/]services[/]\d+[/]snapshots$/);
		await window.settled();
		if (own.isOurs) await says('.explain', /snapshots = checkout/);
		await window.check('21-snapshots');
	});

	/** Asks for the cost, accepts it, and waits for the summary. */
	const take = async (address, name) => {
		await window.goto(address);
		await page.click('dialog button[type=submit]');
		await page.waitForSelector('dialog .gate');
		await window.check(`${name}-cost`);
		assert.equal(await page.locator('dialog .gate-refused').count(), 0, await text('dialog'));
		if (await page.locator('dialog .gate-asks').count()) await page.click('dialog .consent input >> nth=0');
		await page.click('dialog .consent .tick:last-child input');
		await page.click('dialog .dialog-actions button >> nth=-1');
		await page.waitForSelector('dialog .gate', { state: 'detached' });
		await page.waitForFunction(() => /[/]snapshots[/]\d+$/.test(location.pathname) || document.querySelector('dialog .gate-refused'),
			null, { timeout: TAKEN_MS });
		assert.equal(await page.locator('dialog .gate-refused').count(), 0, 'it was not taken');
		await counts('dialog', 0);
		await window.settled();
		return Number((await path()).split('/').pop());
	};

	it('takes two snapshots of the leaking process, and names what grows', async (t) => {
		if (!own.isOurs) return t.skip('the instance is not ours');
		const service = (await find(window, '/services?q=checkout')).items[0].id;
		const leaking = await eventually(async () => (await find(window, `/services/${service}/instances`)).items
			.find((i) => i.verdict === 'leak' && i.running), { within: JUDGED_MS, what: 'an instance that leaks' });
		const address = `/services/${service}/snapshots?take=${leaking.id}`;
		const first = await take(address, '22-first');
		await says('.growth-part', /Take another/);
		await window.check('23-snapshot');
		const second = await take(address, '24-second');
		await page.waitForSelector('.growth-words');
		await holds(async () =>
			assert.ok(await page.locator('.growth-part.like-leak .chain li').count() > 2, await text('.growth-part')));
		await window.check('25-growth');
		await page.click('.growth-part a.button');
		await page.waitForURL(`**/snapshots/${first}...${second}`);
		await window.settled();
		await window.check('26-comparison');
		return undefined;
	});

	it('brings the raw file of a snapshot from its host', async (t) => {
		if (!own.isOurs) return t.skip('the instance is not ours');
		await page.goBack();
		await page.click('button:has-text("Fetch it to the server")');
		const link = page.locator('a[download]');
		await link.waitFor({ timeout: TAKEN_MS });
		const hash = await text('.hash');
		const got = await page.evaluate(async (url) => {
			const digest = await crypto.subtle.digest('SHA-256', await (await fetch(url)).arrayBuffer());
			return [...new Uint8Array(digest)].map((b) => b.toString(16).padStart(2, '0')).join('');
		}, await link.getAttribute('href'));
		assert.equal(got, hash);
		await window.check('27-raw');
		await page.click('button:has-text("Delete it")');
		await page.click('dialog button.danger');
		await page.waitForSelector('text=It was deleted');
		return undefined;
	});

	it('tells how storing goes, and what takes room', async () => {
		await page.keyboard.press('g');
		await page.keyboard.press('s');
		await page.waitForURL(/[/]storage$/);
		await window.settled();
		await says('.storage-states', /Storing.*readings a second.*Agents.*Compaction.*Disk.*free/s);
		await counts('.storage-stages tbody tr', 6);
		await window.check('54-storage');
		await page.click('.segments button:has-text("24 h")');
		await page.waitForURL(/[/]storage[?]hours=24$/);
		await page.click('.tabs a:has-text("Agents")');
		await page.waitForURL(/[/]agents$/);
	});

	it('joins a host with the command that it shows, and revokes it', async (t) => {
		await page.keyboard.press('g');
		await page.keyboard.press('n');
		await page.waitForURL(/[/]agents$/);
		await window.settled();
		await window.check('13-agents');
		await page.click('button:has-text("Make a join command")');
		await page.waitForSelector('.made .command code');
		// The last one is for hosts that have the package; it may be folded away.
		const command = await page.locator('.made .command code').last().textContent();
		assert.match(command, /^echo '\S+' \| sudo tidemark-agent join -$/);
		await window.check('14-join');
		if (!own.join) {
			await page.click('.tokens button:has-text("Revoke")');
			await page.click('dialog button.danger');
			return t.skip('only an instance of its own gets a second host');
		}
		own.join(command);
		const row = page.locator('tr:has-text("shop-2")');
		await row.locator('.a-reporting').waitFor({ timeout: 120_000 });
		await row.locator('button').click();
		await window.check('15-revoke');
		await page.click('dialog button.danger');
		await row.locator('.a-revoked').waitFor();
		return undefined;
	});

	it('says so where there is nothing', async () => {
		window.expect(/404/);
		await window.goto('/services/2000000000');
		await says('main', /There is no such thing here/);
		await window.check('16-no-such-service');
		await window.goto('/nowhere');
		await window.check('17-no-such-page');
	});

	it('shows the keys', async () => {
		await window.goto('/alerts');
		await page.keyboard.press('?');
		await page.waitForSelector('dialog');
		await window.check('18-keys');
		await page.keyboard.press('Escape');
	});

	it('shows what runs where, its insides and its queues', async () => {
		const service = (await find(window, '/services?q=checkout')).items[0].id;
		await window.goto(`/services/${service}`);
		await page.click('.tabs a:has-text("Fingerprints")');
		await page.waitForURL(/[/]fingerprints$/);
		await window.settled();
		await window.check('50-fingerprints');
		await page.click('.tabs a:has-text("Runtime")');
		await page.waitForURL(/[/]runtime$/);
		await window.settled();
		await page.waitForSelector('.census');
		await window.check('51-runtime');
		await page.keyboard.press('g');
		await page.keyboard.press('q');
		await page.waitForURL(/[/]queues$/);
		await window.settled();
		await window.check('52-queues');
		await page.keyboard.press('g');
		await page.keyboard.press('p');
		await page.waitForURL(/[/]packages$/);
		await window.check('53-packages');
	});

	describe('each page', { concurrency: 2 }, () => {
		for (const [theme, size] of LOOKS) {
			it(`holds, ${theme}, ${size.width} px wide`, async () => {
				const look = await Window.open(browser, { url: own.url, theme, size });
				try {
					await look.logIn(own.user, password);
					await lookAround(look);
				} finally {
					await look.close();
				}
			});
		}
	});

	async function lookAround(look) {
		const service = (await find(look, '/services?q=checkout')).items[0].id;
		const alert = (await find(look, '/alerts?state=open,acknowledged,resolved')).items[0].id;
		const [snapshot, older] = (await find(look, `/services/${service}/snapshots`)).items;
		const taken = snapshot ? { snapshot: `/snapshots/${snapshot.id}` } : {};
		if (older) taken.comparison = `/snapshots/${older.id}...${snapshot.id}?show=all`;
		const [version, earlier] = (await find(look, `/services/${service}/fingerprints`)).items ?? [];
		if (version) taken.fingerprint = `/fingerprints/${version.id}`;
		if (earlier) taken.difference = `/fingerprints/${earlier.id}...${version.id}`;
		const [queue] = (await find(look, '/queues')).items ?? [];
		if (queue) taken.queue = `/queues/${queue.id}`;
		Object.assign(taken, { fingerprints: `/services/${service}/fingerprints`, runtime: `/services/${service}/runtime`, queues: '/queues',
			packages: '/packages?name=express' });
		const pages = { fleet: '/', service: `/services/${service}`, detection: `/services/${service}/detection`, watched: '/alerts?state=watched', snapshots: `/services/${service}/snapshots`, ...taken, alerts: '/alerts', acknowledged: '/alerts?state=acknowledged',
			alert: `/alerts/${alert}`, agents: '/agents', storage: '/storage', nowhere: '/nowhere' };
		for (const [name, address] of Object.entries(pages)) {
			await look.goto(address);
			await look.check(`20-${name}`);
		}
	}

	const find = (look, address) => look.page.evaluate(async (p) => (await fetch(`/api/v1${p}`)).json(), address);

	it('logs out', async () => {
		await page.click('.menu summary');
		await page.click('.menu button:has-text("Log out")');
		await page.waitForSelector('form.login');
		await window.goto('/agents');
		await counts('form.login', 1);
	});
});
