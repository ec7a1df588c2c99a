import { expect, test, vi } from 'vitest';
import { ApiError } from './client';
import { Pages, Resource } from './resource';

test('a failed refresh keeps the data and says what failed', async () => {
	const load = vi.fn<() => Promise<number>>();
	const resource = new Resource(load);
	load.mockResolvedValueOnce(1);
	await resource.refresh();
	const at = resource.at.value;
	load.mockRejectedValueOnce(new ApiError(0, 'The server cannot be reached.'));
	await resource.refresh();
	expect(resource.data.value).toBe(1);
	expect(resource.at.value).toBe(at);
	expect(resource.error.value?.message).toBe('The server cannot be reached.');
	load.mockResolvedValueOnce(2);
	await resource.refresh();
	expect(resource.data.value).toBe(2);
	expect(resource.error.value).toBeUndefined();
});

test('wishes that come during a request are fulfilled by one more', async () => {
	let answer: (n: number) => void = () => {};
	const load = vi.fn(() => new Promise<number>((resolve) => (answer = resolve)));
	const resource = new Resource(load);
	const first = resource.refresh();
	void resource.refresh();
	void resource.refresh();
	answer(1);
	await vi.waitFor(() => expect(load).toHaveBeenCalledTimes(2));
	answer(2);
	await first;
	expect(load).toHaveBeenCalledTimes(2);
	expect(resource.data.value).toBe(2);
});

test('pages follow `next` and a refresh reads again all that is shown', async () => {
	const pages: Record<string, unknown> = {
		'/api/v1/services?limit=2': { items: [1, 2], next: 'x' },
		'/api/v1/services?limit=2&after=x': { items: [3] },
	};
	const fetched = vi.fn((url: string) => Promise.resolve(new Response(JSON.stringify(pages[url]))));
	vi.stubGlobal('fetch', fetched);
	const list = new Pages<number>('/services', { limit: 2 });
	await list.refresh();
	expect(list.data.value).toEqual([1, 2]);
	expect(list.hasMore.value).toBe(true);
	await list.more();
	expect(list.data.value).toEqual([1, 2, 3]);
	expect(list.hasMore.value).toBe(false);
	await list.refresh();
	expect(fetched).toHaveBeenCalledTimes(5);
	vi.unstubAllGlobals();
});
