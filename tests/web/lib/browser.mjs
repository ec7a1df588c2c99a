// A browser that looks at the console and notes whatever must not happen: errors in the
// browser's log, breaches of the content security policy, a page wider than the window,
// violations that axe finds.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import { eventually } from '../../scenario/lib/wait.mjs';

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
	'--disable-background-networking', '--disable-component-update', '--disable-sync', '--hide-scrollbars'];
const RULES = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const QUIET_MS = 400;
const PATIENCE_MS = 180_000;
const TALLEST = 2600; // px of a page that a picture shows: of a long list the rest is like it


/** Where pictures go. */
export const OUT = process.env.OUT ?? fileURLToPath(new URL('../screenshots', import.meta.url));

export const WIDE = { width: 1440, height: 900 };
export const MIDDLE = { width: 1024, height: 768 };
export const NARROW = { width: 390, height: 844 };

/** Debian's Chromium, or the one that CHROMIUM names. */
export function launch() {
	return chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: FLAGS });
}

/**
 * Calls `check` until it throws no more, and fails with what it threw last: what a page shows
 * may still be on its way, and how long that takes is the machine's affair.
 */
export function holds(check, within = PATIENCE_MS) {
	return eventually(async () => { await check(); return true; }, { within, every: 250 });
}

/**
 * Takes from the screen what repeats: of children of one parent that have the same elements,
 * classes and ARIA three stay, so that neighbours are judged too. axe finds the same, and a
 * list of a thousand rows costs what a list of three does; it took minutes of a slow machine.
 * `backAgain` puts them back. Runs in the page.
 */
function oneOfEachShape() {
	const shape = (e) => {
		const marks = [...e.attributes].filter(({ name }) => /^(class|role|type|aria-(?!label|describedby|rowindex|value)|disabled|tabindex)/.test(name));
		return `${e.localName}[${marks.map((a) => `${a.name}=${a.value}`).join()}]${[...e.childNodes].some((c) => c.nodeType === 3 && c.data.trim()) ? '"' : ''}(${[...e.children].map(shape).join('')})`;
	};
	const hidden = [];
	const look = (parent) => {
		const seen = new Map();
		const few = parent.children.length <= 3;
		for (const child of parent.children) {
			const key = few ? '' : shape(child);
			const times = (seen.get(key) ?? 0) + 1;
			seen.set(key, times);
			if (few || times <= 3) look(child);
			else if (child.style) hidden.push([child, child.style.display]);
		}
	};
	look(document.body);
	for (const [child] of hidden) child.style.display = 'none';
	globalThis.backAgain = () => { for (const [child, display] of hidden) child.style.display = display; };
}

/** One window with its own cookies. */
export class Window {
	/** @param {{url: string, size?: object, theme?: 'light'|'dark', language?: 'en'|'zh', out?: string, scale?: number}} options */
	static async open(browser, { url, size = WIDE, theme = 'light', language = 'en', out = OUT, scale = 1 }) {
		mkdirSync(out, { recursive: true });
		const context = await browser.newContext({ viewport: size, colorScheme: theme, reducedMotion: 'reduce', deviceScaleFactor: scale });
		await context.addInitScript((name) => {
			if (!localStorage.getItem('tidemark.language')) localStorage.setItem('tidemark.language', name);
		}, language);
		await context.addInitScript(() => {
			document.addEventListener('securitypolicyviolation', (event) =>
				console.error(`policy: ${event.violatedDirective} refused ${event.blockedURI} ${event.sample}`));
		});
		return new Window(context, await context.newPage(), { url, out, size, theme, language });
	}

	constructor(context, page, options) {
		Object.assign(this, { context, page, ...options });
		this.faults = [];
		this.expected = [];
		page.setDefaultTimeout(PATIENCE_MS);
		page.on('pageerror', (error) => this.fault(`uncaught: ${error.message}`));
		page.on('console', (message) => {
			if (['error', 'warning'].includes(message.type())) this.fault(`${message.text()} (${message.location().url})`);
		});
		page.on('requestfailed', (request) => {
			const why = request.failure()?.errorText;
			if (why !== 'net::ERR_ABORTED') this.fault(`${request.url()}: ${why}`);
		});
	}

	fault(text) {
		const at = this.expected.findIndex((pattern) => pattern.test(text));
		if (at >= 0) this.expected.splice(at, 1);
		else this.faults.push(text);
	}

	/** The browser itself logs refused requests; those that a step provokes are no fault. */
	expect(pattern) {
		this.expected.push(pattern);
	}

	async goto(path) {
		await this.page.goto(this.url + path);
		await this.settled();
	}

	/** Nothing is loading any more, and what was loaded is painted. */
	async settled() {
		await this.page.waitForFunction(() => !document.querySelector('.skeleton, .pending, [aria-busy=true]'));
		await this.page.evaluate(() => document.fonts.ready.then(() => undefined));
		await this.page.waitForTimeout(QUIET_MS);
	}

	async logIn(name, password) {
		await this.goto('/');
		await this.page.fill('input[name=name]', name);
		await this.page.fill('input[name=password]', password);
		await this.page.click('button[type=submit]');
		await this.page.waitForSelector('header.top');
		await this.page.mouse.move(0, 0); // and off any row
		await this.settled();
	}

	async picture(name, { fullPage = true } = {}) {
		const path = join(this.out, `${name}.png`);
		const height = await this.page.evaluate(() => document.documentElement.scrollHeight);
		const clip = { x: 0, y: 0, width: this.size.width, height: Math.min(height, TALLEST) };
		await this.page.screenshot(fullPage && height > this.size.height ? { path, fullPage, clip } : { path });
	}

	/** What axe finds. It comes past the policy of the page, which allows no text as script. */
	async axe() {
		await this.page.evaluate(() => scrollTo(0, 0)); // the bar covers something wherever one stops
		if (!await this.page.evaluate(() => 'axe' in globalThis)) await this.page.evaluate(AXE);
		await this.page.evaluate(oneOfEachShape);
		const found = await this.page.evaluate(async (rules) =>
			(await axe.run(document, { runOnly: rules, resultTypes: ['violations'] })).violations, RULES);
		await this.page.evaluate(() => globalThis.backAgain());
		return found.flatMap((v) => v.nodes.map((n) => `axe ${v.id}: ${n.html.slice(0, 160)}: ${n.failureSummary?.split('\n')[1]?.trim()}`));
	}

	/** What is wrong with the page as it stands, after taking its picture. */
	async wrongs(name, { axe = true, fullPage = true } = {}) {
		const tongue = this.language === 'en' ? '' : `-${this.language}`;
		await this.picture(`${name}-${this.theme}-${this.size.width}${tongue}`, { fullPage });
		const wide = await this.page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
		return [
			...this.faults.splice(0),
			...(wide > 0 ? [`the page is ${wide} px wider than the window`] : []),
			...(axe ? await this.axe() : []),
		];
	}

	async resize(size) {
		this.size = size;
		await this.page.setViewportSize(size);
		await this.settled();
	}

	/** Fails with all that is wrong with the page as it stands, after taking its picture. */
	async check(name) {
		const wrong = await this.wrongs(name);
		assert.deepEqual(wrong, [], `${name} (${this.theme}, ${this.size.width} px)`);
	}

	close() {
		return this.context.close();
	}
}
