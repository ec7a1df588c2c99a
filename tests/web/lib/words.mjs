// English on a page that was asked for in Chinese.
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { SOURCE } from '../../scenario/lib/place.mjs';

const folder = join(SOURCE, 'web/src/words/zh');
/** Messages without arguments, which are no proper names: seen as they are, they were not translated. */
const MESSAGES = new Set(readdirSync(folder).filter((name) => name.endsWith('.json'))
	.flatMap((name) => Object.entries(JSON.parse(readFileSync(join(folder, name), 'utf8'))))
	.filter(([english, chinese]) => /[a-z]{3}/.test(english) && !english.includes('{') && english !== chinese)
	.map(([english]) => english));
const SENTENCE = /[A-Za-z][a-z]+,? [a-z]{2,}/;
const CHINESE = /[\u3400-\u9fff]/;

/** Every text that can be read or heard on the page, but code and what is said in another language on purpose. */
function texts() {
	const apart = 'code, pre, kbd, samp, script, noscript, style, [translate=no], [lang]:not(html)';
	const found = new Set();
	const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	for (let node = walker.nextNode(); node; node = walker.nextNode())
		if (node.data.trim() && !node.parentElement.closest(apart)) found.add(node.data.trim());
	for (const name of ['aria-label', 'title', 'placeholder', 'aria-valuetext', 'aria-description'])
		for (const e of document.querySelectorAll(`[${name}]`))
			if (e.getAttribute(name).trim() && !e.closest(apart)) found.add(e.getAttribute(name).trim());
	return [...found];
}

/** Of these keys the console knows the values, and has words for them. */
const KNOWN = new Set(['state', 'inbox', 'verdict', 'kind', 'level', 'resolution', 'sensitivity', 'role', 'origin', 'type', 'status', 'step']);

function strings(value, key, into) {
	if (typeof value === 'string') {
		if (!KNOWN.has(key)) into.add(value.trim());
	} else if (value !== null && typeof value === 'object') {
		for (const [k, v] of Object.entries(value)) {
			if (!Array.isArray(value)) into.add(k); // of labels, and of fields of log lines
			strings(v, Array.isArray(value) ? key : k, into);
		}
	}
}

/** Strings of the answers that a page was given: what people wrote is shown as they wrote it. */
export class Answers {
	constructor(page) {
		this.strings = new Set();
		this.joined = '';
		page.on('response', (response) => {
			if (!response.url().includes('/api/v1/') || response.url().endsWith('/events')) return;
			response.json().then((answer) => strings(answer, '', this.strings), () => {}); // 204, or gone
		});
	}

	/** `text` is one of them. */
	is(text) {
		return this.strings.has(text);
	}

	/** `text` is a part of one, or some of them in a row. */
	has(text) {
		if (this.joined.length === 0 || this.counted !== this.strings.size) {
			this.joined = [...this.strings].join('\n');
			this.counted = this.strings.size;
		}
		return this.joined.includes(text) || text.split(/, | · |; |=|: /).every((part) => this.joined.includes(part));
	}
}

export async function english(page, answers) {
	return (await page.evaluate(texts))
		.filter((text) => (MESSAGES.has(text) && !answers.is(text)) || (SENTENCE.test(text) && !CHINESE.test(text) && !answers.has(text)))
		.map((text) => `not in Chinese: ${text.slice(0, 160)}`);
}
