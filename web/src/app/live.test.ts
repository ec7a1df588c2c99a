import { afterEach, beforeEach, expect, test, vi } from 'vitest';

class Stream extends EventTarget {
	static CLOSED = 2;
	static opened: Stream[] = [];
	readyState = 0;
	constructor() {
		super();
		Stream.opened.push(this);
	}
	close() {
		this.readyState = Stream.CLOSED;
	}
	say(topics: string[]) {
		this.dispatchEvent(new MessageEvent('change', { data: JSON.stringify({ topics }) }));
	}
}

/** As browsers have it: not heard by the one who speaks. */
class Channel {
	static all = new Set<Channel>();
	onmessage: ((event: { data: unknown }) => void) | undefined;
	constructor() {
		Channel.all.add(this);
	}
	postMessage(data: unknown) {
		for (const other of Channel.all) if (other !== this) other.onmessage?.({ data });
	}
	close() {
		Channel.all.delete(this);
	}
}

class Locks {
	private queue: Promise<unknown> = Promise.resolve();
	request(_: string, { signal }: { signal: AbortSignal }, work: () => Promise<void>) {
		const mine = this.queue.then(() => (signal.aborted ? undefined : work()));
		this.queue = mine;
		return mine;
	}
}

/** A tab is a copy of the modules. */
async function tab() {
	vi.resetModules();
	const { live, startLive } = await import('./live');
	const resource = await import('../api/resource');
	const touched: string[][] = [];
	vi.spyOn(resource, 'touch').mockImplementation((topics) => void touched.push([...topics]));
	const stop = startLive();
	return { live, stop, touched };
}

beforeEach(() => {
	vi.useFakeTimers();
	vi.stubGlobal('EventSource', Stream);
	vi.stubGlobal('BroadcastChannel', Channel);
	Stream.opened = [];
	Channel.all.clear();
});
afterEach(() => {
	vi.useRealTimers();
	vi.unstubAllGlobals();
});

test('two tabs share one stream, and the second takes it over', async () => {
	vi.stubGlobal('navigator', { languages: ['en'], locks: new Locks() });
	const first = await tab();
	const second = await tab();
	await vi.advanceTimersByTimeAsync(10);
	expect(Stream.opened).toHaveLength(1);
	Stream.opened[0]?.dispatchEvent(new Event('open'));
	expect([first.live.value, second.live.value]).toEqual(['live', 'live']);
	Stream.opened[0]?.say(['alerts', 'nonsense']);
	await vi.advanceTimersByTimeAsync(1000);
	expect([first.touched, second.touched]).toEqual([[['alerts']], [['alerts']]]);
	first.stop();
	await vi.advanceTimersByTimeAsync(10);
	expect(Stream.opened.map((s) => s.readyState)).toEqual([2, 0]);
	second.stop();
});

test('a tab that comes later learns how the stream does', async () => {
	vi.stubGlobal('navigator', { languages: ['en'], locks: new Locks() });
	const first = await tab();
	await vi.advanceTimersByTimeAsync(10);
	Stream.opened[0]?.dispatchEvent(new Event('open'));
	const second = await tab();
	expect(second.live.value).toBe('live');
	Stream.opened[0]?.dispatchEvent(new Event('error'));
	expect(second.live.value).toBe('polling');
	first.stop();
	second.stop();
});

test('without locks each has its own, and after sleep all is read again', async () => {
	vi.stubGlobal('navigator', { languages: ['en'] });
	const only = await tab();
	Stream.opened[0]?.dispatchEvent(new Event('open'));
	vi.setSystemTime(Date.now() + 3_600_000);
	await vi.advanceTimersByTimeAsync(5000);
	expect(Stream.opened.map((s) => s.readyState)).toEqual([2, 0]);
	expect(only.touched.at(-1)).toContain('alerts');
	only.stop();
});
