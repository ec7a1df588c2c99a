import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Rollup, build } from 'vite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { gather } from './catalogue';
import { compile, names } from './message';
import { words } from './words';

let root = '';

beforeEach(() => {
	root = mkdtempSync(join(tmpdir(), 'words-'));
	write('src/words/zh/a.json', '{}');
});
afterEach(() => rmSync(root, { recursive: true }));

function write(path: string, text: string): void {
	mkdirSync(dirname(join(root, path)), { recursive: true });
	writeFileSync(join(root, path), text);
}

const page = (code: string) => write('src/page/page.tsx', `import { rich, t } from '../words/words';\n${code}\n`);

async function wrong(): Promise<string[]> {
	return (await gather(root)).errors;
}

test('messages are numbered, and what has a translation is said in both languages', async () => {
	page("export const a = t('Open');\nexport const b = [t('Open'), rich('See <a>{n}</a>', { n: 1, a: (x) => x })];");
	write('src/words/zh/a.json', '{"Open": "打开", "See <a>{n}</a>": "<a>{n}</a>"}');
	const found = await gather(root);
	expect(found.catalogues).toEqual({ en: ['Open', ['See ', ['a', [['n']]]]], zh: ['打开', [['a', [['n']]]]] });
	expect([...found.errors, ...found.missing]).toEqual([]);
});

test('a message without a translation is told with its line', async () => {
	page("\nexport const a = t('Open');");
	expect((await gather(root)).missing).toEqual(['src/page/page.tsx:3: no translation of "Open"']);
});

test('a translation that nobody needs, or that is not the same everywhere, is told', async () => {
	page("export const a = t('Open');");
	write('src/words/zh/a.json', '{\n\t"Open": "打开",\n\t"Close": "关闭"\n}');
	write('src/words/zh/b.json', '{"Open": "开启"}');
	const found = await gather(root);
	expect(found.errors).toEqual(['src/words/zh/b.json:1: "Open" is translated otherwise at src/words/zh/a.json:2']);
	expect(found.missing).toEqual(['src/words/zh/a.json:3: nobody says "Close"']);
});

test('a translation keeps the names of its message', async () => {
	page("export const a = t('{n, plural, one {# host} other {# hosts}} of {all}', { n: 1, all: 2 });");
	write('src/words/zh/a.json', '{"{n, plural, one {# host} other {# hosts}} of {all}": "{n} 台"}');
	expect(await wrong()).toEqual(['src/words/zh/a.json:1: has {n}, its message has {all} {n, plural}']);
});

test.each([
	["t(`of ${1}`)", 't() takes a message that is written out'],
	["t('a' + 'b', {})".replace("'b'", 'String(1)'), 't() takes a message that is written out'],
	["t('Ask {name}')", 'no value is given for {name}'],
	["t('Ask', { name: 'x' })", 'the message does not use name'],
	["t('{n, plural, one {#}}', { n: 1 })", '{n, plural} has no form "other"'],
	["t('{n, plural, few {#} other {#}}', { n: 1 })", 'The plural case few is not valid in this locale at line 1 col 13:'],
	["rich('<a>b', { a: (x) => x })", '<a> is not closed'],
	["rich('b</a>', { a: (x) => x })", '</a> closes nothing'],
])('%s is refused', async (code, why) => {
	page(`export const a = ${code};`);
	expect(await wrong()).toEqual([`src/page/page.tsx:2: ${why}`]);
});

test('a message is chosen between, and only the words of this console are meant', async () => {
	page("export const a = t(Math.random() > 1 ? 'Open' : 'Close');");
	write('src/page/other.ts', "import { t } from './words/words';\nexport const b = t(String(1));");
	const found = await gather(root);
	expect([...found.messages.keys()]).toEqual(['Open', 'Close']);
	expect(found.errors).toEqual([]);
});

test('names are those of arguments, plurals and tags', () => {
	expect(names(compile("it's <a>{b}</a>, {n, plural, one {{c}} other {#}}", 'en', true)))
		.toEqual(['<a>', '{b}', '{c}', '{n, plural}']);
	expect(compile("it's '{x}' <b>", 'en', false)).toBe("it's {x} <b>");
});

test('the build stops at a message that nobody has translated, and a draft goes on in English', async () => {
	page("document.title = t('Open');");
	write('index.html', '<!doctype html><title>x</title><script type="module" src="/src/page/page.tsx"></script>');
	write('src/words/words.ts', "import urls from 'virtual:catalogues';\nexport const t = (message: unknown) => String(message) + urls;\nexport const rich = t;");
	const make = async (draft: boolean) => {
		const built = await build({ root, configFile: false, logLevel: 'silent', plugins: [words({ draft })], build: { write: false, minify: false } });
		return (built as Rollup.RollupOutput).output;
	};
	await expect(make(false)).rejects.toThrow(/src\/page\/page.tsx:2: no translation of "Open"/);
	const files = await make(true);
	expect(files.find((f) => f.fileName.startsWith('assets/words-en'))).toMatchObject({ source: '["Open"]' });
	expect(files.flatMap((f) => (f.type === 'chunk' ? [f.code] : [])).join()).toContain('t(0)');
});
