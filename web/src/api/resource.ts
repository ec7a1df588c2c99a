// What a page shows: data that is fetched once, refreshed when its topics change, and kept
// (with its age) when a refresh fails.
import { type ReadonlySignal, signal } from '@preact/signals';
import { useEffect, useMemo } from 'preact/hooks';
import { ApiError, get, query } from './client';
import type { Change, Page } from './types';

export type Topic = Change['topics'][number];
type Load<T> = () => Promise<T>;

export class Resource<T> {
	readonly data = signal<T | undefined>(undefined);
	readonly error = signal<ApiError | undefined>(undefined);
	/** When `data` was last known to be true, Unix ms; 0: never. */
	readonly at = signal(0);

	private readonly load: Load<T>;
	private running = false;
	private again = false;

	constructor(load: Load<T>) {
		this.load = load;
	}

	/** One request at a time; a wish that comes meanwhile is fulfilled after it. */
	async refresh(): Promise<void> {
		if (this.running) {
			this.again = true;
			return;
		}
		this.running = true;
		try {
			const data = await this.load();
			this.data.value = data;
			this.error.value = undefined;
			this.at.value = Date.now();
		} catch (e) {
			this.error.value = e instanceof ApiError ? e
				: new ApiError(0, e instanceof Error ? e.message : String(e));
		} finally {
			this.running = false;
		}
		if (this.again) {
			this.again = false;
			await this.refresh();
		}
	}

	/** An answer that came another way, such as the result of an action. */
	set(data: T): void {
		this.data.value = data;
		this.error.value = undefined;
		this.at.value = Date.now();
	}
}

const listeners = new Set<{ topics: readonly Topic[]; refresh: () => void }>();

/** Refreshes everything on screen that depends on one of `topics`. */
export function touch(topics: readonly Topic[]): void {
	for (const l of listeners) if (l.topics.some((t) => topics.includes(t))) l.refresh();
}

/** Calls `refresh` now and whenever one of `topics` changes, while the component is on screen. */
export function useRefreshed(refresh: () => void, topics: readonly Topic[]): void {
	useEffect(() => {
		const listener = { topics, refresh };
		listeners.add(listener);
		refresh();
		return () => {
			listeners.delete(listener);
		};
	}, [refresh]);
}

// Resources outlive their page, so that going back shows at once what was there.
const kept = new Map<string, Resource<unknown>>();
const KEPT = 40;

function keep<T>(key: string, make: () => Resource<T>): Resource<T> {
	const found = (kept.get(key) as Resource<T> | undefined) ?? make();
	kept.delete(key);
	kept.set(key, found as Resource<unknown>);
	if (kept.size > KEPT) kept.delete(kept.keys().next().value as string);
	return found;
}

/** For a change of user. */
export function dropResources(): void {
	kept.clear();
}

export function useResource<T>(path: string, topics: readonly Topic[]): Resource<T> {
	const [resource, refresh] = useMemo(() => {
		const r = keep(path, () => new Resource<T>(() => get<T>(path)));
		return [r, () => void r.refresh()] as const;
	}, [path]);
	useRefreshed(refresh, topics);
	return resource;
}

/** A list of which more can be asked for; a refresh reads again all that is shown. */
export class Pages<T> extends Resource<T[]> {
	readonly hasMore = signal(false);
	readonly loadingMore = signal(false);
	private readonly wanted: { pages: number };

	/** `read`: for answers in which the list has another name. */
	constructor(path: string, parameters: Record<string, string | number | undefined>,
		read: (path: string) => Promise<Page<T>> = get) {
		const wanted = { pages: 1 };
		const hasMore = signal(false);
		super(async () => {
			const items: T[] = [];
			let after: string | undefined;
			for (let page = 0; page < wanted.pages; page++) {
				const p = await read(`${path}${query({ ...parameters, after })}`);
				items.push(...p.items);
				after = p.next;
				if (after === undefined) break;
			}
			hasMore.value = after !== undefined;
			return items;
		});
		this.wanted = wanted;
		this.hasMore = hasMore;
	}

	async more(): Promise<void> {
		this.wanted.pages++;
		this.loadingMore.value = true;
		await this.refresh();
		this.loadingMore.value = false;
	}
}

export function usePages<T>(path: string, parameters: Record<string, string | number | undefined>,
	topics: readonly Topic[]): Pages<T> {
	const key = `${path}${query(parameters)}`;
	const [pages, refresh] = useMemo(() => {
		const p = keep(`${key}#pages`, () => new Pages<T>(path, parameters)) as Pages<T>;
		return [p, () => void p.refresh()] as const;
	}, [key]);
	useRefreshed(refresh, topics);
	return pages;
}

/** The last data of a signal that has any: what stays on screen while a filter loads. */
export function useLatest<T>(current: ReadonlySignal<T | undefined>): T | undefined {
	const last = useMemo(() => ({ value: undefined as T | undefined }), []);
	if (current.value !== undefined) last.value = current.value;
	return last.value;
}
