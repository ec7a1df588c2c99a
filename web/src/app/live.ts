// Live updates: one event stream says which topics have changed, and what is on screen is
// read again. While the stream is down the console asks every few seconds instead; answers
// that have not changed cost an ETag.
import { signal } from '@preact/signals';
import { type Topic, touch } from '../api/resource';
import type { Change } from '../api/types';

const ALL: readonly Topic[] = ['verdicts', 'alerts', 'agents', 'samples', 'snapshots', 'replays', 'queues', 'warnings'];
const POLL_MS = 10_000;
const REOPEN_MS = 15_000;
/** New samples come with every batch of every agent; pages follow at this pace. */
const SETTLE_MS: Record<Topic, number> =
	{ verdicts: 300, alerts: 300, agents: 2000, samples: 5000, snapshots: 300, replays: 300, queues: 3000, warnings: 1000 };

export const live = signal<'live' | 'polling'>('polling');

let source: EventSource | undefined;
let poll: ReturnType<typeof setInterval> | undefined;
let reopen: ReturnType<typeof setTimeout> | undefined;
let opened = false;
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

function onChange(event: MessageEvent<string>): void {
	try {
		const { topics } = JSON.parse(event.data) as Change;
		topics.filter((t) => ALL.includes(t)).forEach(changed);
	} catch {
		refresh(ALL);
	}
}

function startPolling(): void {
	live.value = 'polling';
	poll ??= setInterval(() => refresh(ALL), POLL_MS);
}

function stopPolling(): void {
	clearInterval(poll);
	poll = undefined;
}

function open(): void {
	reopen = undefined;
	source = new EventSource('/api/v1/events');
	source.addEventListener('open', () => {
		stopPolling();
		live.value = 'live';
		// The pages were read a moment ago when the stream opens for the first time.
		if (opened) refresh(ALL);
		opened = true;
	});
	source.addEventListener('change', onChange);
	source.addEventListener('resync', () => refresh(ALL));
	source.addEventListener('error', () => {
		startPolling();
		// The browser opens a broken stream again by itself, but not a refused one.
		if (source?.readyState === EventSource.CLOSED && !reopen) reopen = setTimeout(open, REOPEN_MS);
	});
}

function onVisible(): void {
	if (document.hidden || missed.size === 0) return;
	const topics = [...missed];
	missed.clear();
	touch(topics);
}

export function startLive(): () => void {
	document.addEventListener('visibilitychange', onVisible);
	startPolling();
	open();
	return () => {
		document.removeEventListener('visibilitychange', onVisible);
		source?.close();
		stopPolling();
		clearTimeout(reopen);
		settling.forEach((timer) => clearTimeout(timer));
		settling.clear();
		missed.clear();
		opened = false;
	};
}
