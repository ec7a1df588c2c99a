// Live updates: one event stream says which topics have changed, and what is on screen is
// read again. While the stream is down the console asks every few seconds instead; answers
// that have not changed cost an ETag.
//
// A browser opens one stream however many tabs show the console, for it opens few connections
// to a server: the tab that holds a lock has the stream and tells the others what it hears.
// When that tab goes, the next one gets the lock. Browsers give locks to secure pages only
// (https, localhost); elsewhere each tab has a stream of its own.
import { signal } from '@preact/signals';
import { type Topic, touch } from '../api/resource';
import type { Change } from '../api/types';

const ALL: readonly Topic[] = ['verdicts', 'alerts', 'agents', 'samples', 'snapshots', 'replays', 'queues', 'warnings', 'config'];
const POLL_MS = 10_000;
const REOPEN_MS = 15_000;
/** New samples come with every batch of every agent; pages follow at this pace. */
const SETTLE_MS: Record<Topic, number> =
	{ verdicts: 300, alerts: 300, agents: 2000, samples: 5000, snapshots: 300, replays: 300, queues: 3000, warnings: 1000, config: 500 };

/** Timers of hidden tabs run once a minute; a longer pause was sleep. */
const SLEEP_MS = 120_000;
const LOOK_MS = 5_000;
const NAME = 'tidemark.live';

/** What tabs tell each other. */
type Word = { topics: readonly Topic[] } | { state: 'live' | 'polling' } | { ask: true };

export const live = signal<'live' | 'polling'>('polling');

let source: EventSource | undefined;
let poll: ReturnType<typeof setInterval> | undefined;
let reopen: ReturnType<typeof setTimeout> | undefined;
let opened = false;
let tabs: BroadcastChannel | undefined;
const settling = new Map<Topic, ReturnType<typeof setTimeout>>();
const missed = new Set<Topic>();

function refresh(topics: readonly Topic[]): void {
	if (document.hidden) topics.forEach((t) => missed.add(t));
	else touch(topics);
}

/** Many changes of one topic at once become one refresh. */
function changed(topic: Topic): void {
	if (settling.has(topic)) return;
	settling.set(topic, setTimeout(() => {
		settling.delete(topic);
		refresh([topic]);
	}, SETTLE_MS[topic]));
}

function hear(topics: readonly Topic[]): void {
	topics.filter((t) => ALL.includes(t)).forEach(changed);
}

/** In all tabs. */
function tell(topics: readonly Topic[]): void {
	hear(topics);
	tabs?.postMessage({ topics } satisfies Word);
}

function refreshAll(): void {
	refresh(ALL);
	tabs?.postMessage({ topics: ALL } satisfies Word);
}

function onChange(event: MessageEvent<string>): void {
	try {
		tell((JSON.parse(event.data) as Change).topics);
	} catch {
		refreshAll();
	}
}

function become(state: 'live' | 'polling'): void {
	live.value = state;
	if (state === 'polling') poll ??= setInterval(() => refresh(ALL), POLL_MS);
	else stopPolling();
}

function stopPolling(): void {
	clearInterval(poll);
	poll = undefined;
}

function now(state: 'live' | 'polling'): void {
	become(state);
	tabs?.postMessage({ state } satisfies Word);
}

/** From another tab. */
function onWord({ data }: MessageEvent<Word>): void {
	if ('topics' in data) hear(data.topics);
	else if ('state' in data) become(data.state);
	else if (source) now(live.value);
}

function open(): void {
	clearTimeout(reopen);
	reopen = undefined;
	source?.close();
	source = new EventSource('/api/v1/events');
	source.addEventListener('open', () => {
		now('live');
		// The pages were read a moment ago when the stream opens for the first time.
		if (opened) refreshAll();
		opened = true;
	});
	source.addEventListener('change', onChange);
	source.addEventListener('resync', refreshAll);
	source.addEventListener('error', () => {
		now('polling');
		// The browser opens a broken stream again by itself, but not a refused one.
		if (source?.readyState === EventSource.CLOSED && !reopen) reopen = setTimeout(open, REOPEN_MS);
	});
}

/** After sleep a stream may look open and be dead; what was said meanwhile is lost anyway. */
function onWake(): void {
	if (source) open();
	refresh(ALL);
}

function watchSleep(): () => void {
	let last = Date.now();
	const timer = setInterval(() => {
		const at = Date.now();
		if (at - last > SLEEP_MS) onWake();
		last = at;
	}, LOOK_MS);
	addEventListener('online', onWake);
	return () => {
		clearInterval(timer);
		removeEventListener('online', onWake);
	};
}

function onVisible(): void {
	if (document.hidden || missed.size === 0) return;
	const topics = [...missed];
	missed.clear();
	touch(topics);
}

/** The stream, as soon as it is this tab's turn, until `over`. */
function take(over: AbortSignal): void {
	if (!navigator.locks) {
		open();
		return;
	}
	const held = () => new Promise<void>((release) => {
		if (!over.aborted) open();
		if (over.aborted) release();
		else over.addEventListener('abort', () => release());
	});
	navigator.locks.request(NAME, { signal: over }, held).catch(() => undefined); // aborted while it waited
}

export function startLive(): () => void {
	const over = new AbortController();
	document.addEventListener('visibilitychange', onVisible);
	const stopWatching = watchSleep();
	become('polling');
	tabs = new BroadcastChannel(NAME);
	tabs.onmessage = onWord;
	tabs.postMessage({ ask: true } satisfies Word);
	take(over.signal);
	return () => {
		over.abort();
		document.removeEventListener('visibilitychange', onVisible);
		stopWatching();
		source?.close();
		source = undefined;
		tabs?.close();
		tabs = undefined;
		stopPolling();
		clearTimeout(reopen);
		reopen = undefined;
		settling.forEach((timer) => clearTimeout(timer));
		settling.clear();
		missed.clear();
		opened = false;
	};
}
