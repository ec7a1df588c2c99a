// The words of the console, as a plugin of Vite. See docs/adr/0011-words.md.
//
// `vite build` gathers every message first, refuses what does not fit, puts the number of a
// message in its place and writes a catalogue for each language. `vite` and vitest put the
// compiled English in the place of the message: there is nothing to load.
import { resolve } from 'node:path';
import type { Program } from 'estree';
import MagicString from 'magic-string';
import type { Plugin, Rollup } from 'vite';
import { calls } from './calls';
import { type Found, gather, wordsModule } from './catalogue';
import { compile } from './message';

const MODULE = 'virtual:catalogues';
/** Loaded as soon as the words are: the page says so, to wait for both at once. */
const NEXT = 'src/app/start.tsx';

/** `draft`: what is not translated yet is said in English, with a warning. */
export function words({ draft = false } = {}): Plugin {
	let root = '';
	let building = false;
	let found: Found | undefined;
	let urls = 'export default {};';
	return {
		name: 'tidemark-words',
		configResolved(config) {
			root = resolve(config.root);
			building = config.command === 'build';
		},
		async buildStart() {
			if (!building) return;
			found = await gather(root);
			const errors = draft ? found.errors : [...found.errors, ...found.missing];
			if (errors.length > 0) this.error(`the words do not fit:\n${errors.join('\n')}`);
			if (found.missing.length > 0) this.warn(`${found.missing.length} words are not settled, among them:\n${found.missing.slice(0, 5).join('\n')}`);
			const files = { ...found.catalogues, server_zh: found.server };
			const refs = Object.entries(files).map(([name, content]) => {
				const ref = this.emitFile({ type: 'asset', name: `words-${name}.json`, source: JSON.stringify(content) });
				return `${name}: import.meta.ROLLUP_FILE_URL_${ref}`;
			});
			urls = `export default { ${refs.join(', ')} };`;
		},
		resolveId: (id) => (id === MODULE ? `\0${MODULE}` : undefined),
		load: (id) => (id === `\0${MODULE}` ? urls : undefined),
		transform(code, id) {
			const file = id.split('?')[0] as string;
			if (!file.startsWith(`${root}/src/`) || !code.includes('words/words')) return undefined;
			const { said, wrong } = calls(this.parse(code) as unknown as Program, file, wordsModule(root));
			if (wrong[0]) this.error(wrong[0].why, wrong[0].start);
			if (said.length === 0) return undefined;
			const out = new MagicString(code);
			for (const s of said) {
				const message = found ? found.messages.get(s.text)?.number : compile(s.text, 'en', s.kind === 'rich');
				out.update(s.start, s.end, JSON.stringify(message));
			}
			return { code: out.toString(), map: out.generateMap({ hires: true }) };
		},
		transformIndexHtml: {
			order: 'post',
			handler: (html, { bundle }) => preloads(bundle ?? {}, root).filter((path) => !html.includes(path)).map((path) => (
				{ tag: 'link', attrs: { rel: 'modulepreload', crossorigin: true, href: path }, injectTo: 'head' as const })),
		},
	};
}

function preloads(bundle: Rollup.OutputBundle, root: string): string[] {
	const chunks = Object.values(bundle).filter((f) => f.type === 'chunk');
	const files = new Set<string>();
	const add = (chunk: Rollup.OutputChunk | undefined) => {
		if (!chunk || files.has(chunk.fileName)) return;
		files.add(chunk.fileName);
		chunk.imports.forEach((name) => add(chunks.find((c) => c.fileName === name)));
	};
	add(chunks.find((c) => c.moduleIds.includes(`${root}/${NEXT}`)));
	return [...files].map((file) => `/${file}`);
}
