// What the pages about snapshots say, as pure functions.
import type { Capture, CostCard, HeapGrowth, HeapHolder, HeapName, SnapshotPlace, SnapshotRow,
	Verdict } from '../api/types';
import { bytes, count } from '../format/number';
import { duration } from '../format/time';
import { said } from '../words/said';
import { t } from '../words/words';

const SPACE = '\u00a0';
const MINUS = '\u2212';

/** "+48 MiB", "−3 KiB", "0 B". */
export function signedBytes(value: number): string {
	const size = bytes(Math.abs(value));
	return value === 0 ? size : `${value > 0 ? '+' : MINUS}${size}`;
}

export function signedCount(value: number): string {
	return value > 0 ? `+${count(value)}` : count(value);
}

/** A small rate: "+2.04", "−0.3", "+0.0051". */
export function signedRate(value: number): string {
	if (value === 0) return '0';
	const size = Math.abs(value);
	const text = size >= 1000 ? count(size)
		: size < 0.0001 ? '<0.0001' : String(Number(size.toPrecision(size >= 100 ? 4 : 3)));
	return `${value > 0 ? '+' : MINUS}${text}`;
}

/** A pause: tenths matter up to ten seconds. */
export function pause(ms: number): string {
	return ms >= 950 && ms < 9950 ? `${(ms / 1000).toFixed(1)}${SPACE}s` : duration(ms);
}

/** Whole percent, and never 0 or 100 for what is only nearly so. */
export function percent(part: number, of: number): string {
	if (of <= 0) return `–`;
	const value = (part / of) * 100;
	if (value > 0 && value < 1) return `<1${SPACE}%`;
	if (value < 100 && value > 99) return `>99${SPACE}%`;
	return `${Math.round(value)}${SPACE}%`;
}

export const KINDS: Record<SnapshotRow['kind'], { word: string; help: string }> = {
	v8: { word: t('exact'), help: t('Every object and reference was read: retained sizes and paths are known') },
	'v8-shallow': { word: t('shallow'), help: t('Objects were counted, references were not followed: no retained sizes or paths') },
	jvm: { word: t('class histogram'), help: t('Live objects of a Java process by class: counts and own sizes') },
};

export const GROWTH: Record<HeapGrowth['verdict'], { word: string; like: Verdict }> = {
	accumulation: { word: t('one holder grows'), like: 'leak' },
	'class-growth': { word: t('classes grow'), like: 'watch' },
	'no-leak': { word: t('no leak visible'), like: 'steady' },
};

export const ROUTES: Record<string, string> = {
	inspector: t('through the inspector, opened for the moment'),
	preload: t('through the preloaded script'),
	signal: t('by signal, written to disk first'),
	file: t('from a file on the host'),
	jvm: t('through the attach socket of the JVM'),
};

export function routeWords(route: string): string {
	return ROUTES[route] ?? route;
}

/** Why it was taken: "console", "policy: first", null for somebody on the host itself. */
export function causeWords(cause: string | null): string {
	if (cause === null) return t('taken on the host');
	if (cause === 'console') return t('asked for in the console');
	return cause.startsWith('policy: ') ? t('automatic: {why}', { why: said(cause.slice(8)) }) : said(cause);
}

/** "web-1 #0". */
export function seat(at: Pick<SnapshotPlace, 'host' | 'ordinal'>): string {
	return `${at.host.name} #${at.ordinal}`;
}

/** What the process and its host have to bear, one sentence each. */
export function costSentences(card: CostCard): string[] {
	const heap = t(card.heap_is_measured ? 'Its live heap is {size}.' : 'Its live heap is {size} at most.', { size: bytes(card.heap_bytes) });
	const sentences = [
		card.pause_ms > 0 ? t('The process will answer nothing for about {pause}.', { pause: pause(card.pause_ms) })
			: t('The process will hardly notice it.'),
		t('It needs {need} more; {free} are free.', { need: bytes(card.need_bytes), free: bytes(card.free_bytes) }),
		heap,
	];
	if (card.helper_bytes > 0)
		sentences.push(t('Reading the snapshot beside it takes {size} for a moment.', { size: bytes(card.helper_bytes) }));
	return sentences;
}

/** What the agent says beside a card's figures: how it will read, if not exactly, and what
 *  may follow. */
export function noteSentences(text: string): string[] {
	return text.split('; ').filter((note) => note !== '' && note !== 'exact').map(sentence);
}

export const UNDER_WAY: readonly Capture['state'][] = ['quoting', 'quoted', 'ordered', 'running'];

export function isUnderWay(capture: Pick<Capture, 'state'>): boolean {
	return UNDER_WAY.includes(capture.state);
}

export const CAPTURE_WORDS: Record<Capture['state'], string> = {
	quoting: t('asking what it costs'),
	quoted: t('waits for a yes'),
	ordered: t('about to begin'),
	running: t('under way'),
	done: t('done'),
	denied: t('refused'),
	failed: t('failed'),
	expired: t('ran out of time'),
	cancelled: t('cancelled'),
};

const PATH_STEPS = 8;

/** "MonitorQueue._events.error": how the object would be reached, from the far end; of a
 *  long path its last part. What only the engine sees ("[[context]]") is left out. */
export function propertyPath(holder: Pick<HeapHolder, 'path' | 'path_is_cut'>): string {
	const steps = holder.path.filter((s) => !s.edge.startsWith('[['));
	const near = steps.slice(0, PATH_STEPS);
	const far = near.at(-1);
	if (!far) return '';
	const edges = near.reverse().map((s) => s.edge.startsWith('[') ? s.edge : `.${s.edge}`);
	const isWhole = near.length === steps.length && !holder.path_is_cut;
	// A variable of a closure hangs in no object that a program could name.
	const from = isContext(far.holder.name) ? edges.shift()?.slice(1) : far.holder.name;
	return `${isWhole ? '' : '…'}${from}${edges.join('')}`;
}

function isContext(name: string): boolean {
	return name === 'system / Context';
}

/** Not the program's own: the engine's, Node's or a package's. */
export function isForeign(of: HeapName): boolean {
	return isContext(of.name) || /^node:|(^|[/])node_modules[/]/.test(of.location ?? '');
}

/** A place in a package without the folders above it. */
export function shortPlace(location: string): string {
	const at = location.lastIndexOf('node_modules/');
	return at > 0 ? location.slice(at) : location;
}

/** What somebody said, as a sentence of its own. */
export function sentence(text: string): string {
	if (text === '') return '';
	const words = said(text);
	if (words !== text) return /[。！？]$/.test(words) ? words : `${words}。`;
	return `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;
}

/** Which of the engine's own classes say little about a program. */
export function isEngine(name: string): boolean {
	return ['(compiled code)', '(system)', '(object shape)'].includes(name);
}
