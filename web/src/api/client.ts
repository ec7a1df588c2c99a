// The one layer through which everything is fetched. Answers are remembered by their ETag,
// so that asking again for what has not changed costs no transfer and no new objects.
import type { Problem } from './types';

const BASE = '/api/v1';
const TIMEOUT_MS = 20_000;
const REMEMBERED = 40;

/** `status` 0: no answer came. The message is a sentence for people. */
export class ApiError extends Error {
	readonly status: number;
	readonly problem: Problem | undefined;

	constructor(status: number, message: string, problem?: Problem) {
		super(message);
		this.status = status;
		this.problem = problem;
	}
}

interface Remembered {
	etag: string;
	data: unknown;
}

const remembered = new Map<string, Remembered>();
let loggedOut: () => void = () => {};

/** `f` is called when the server says that there is no session (any more). */
export function onLoggedOut(f: () => void): void {
	loggedOut = f;
}

/** For a change of user: nothing read before may be shown. */
export function forget(): void {
	remembered.clear();
}

function remember(path: string, etag: string, data: unknown): void {
	remembered.delete(path);
	remembered.set(path, { etag, data });
	if (remembered.size > REMEMBERED) {
		const oldest = remembered.keys().next().value as string;
		remembered.delete(oldest);
	}
}

/** Query parameters in order; null, undefined and "" are left out. */
export function query(values: Record<string, string | number | boolean | null | undefined>): string {
	const pairs = Object.entries(values)
		.filter(([, v]) => v !== null && v !== undefined && v !== '')
		.map(([k, v]) => `${k}=${encodeURIComponent(String(v)).replaceAll('%2C', ',').replaceAll('%3A', ':')}`);
	return pairs.length > 0 ? `?${pairs.join('&')}` : '';
}

async function send(method: string, path: string, headers: Record<string, string>,
	body?: string): Promise<Response> {
	const abort = new AbortController();
	const timer = setTimeout(() => abort.abort(), TIMEOUT_MS);
	try {
		// no-store: the browser's own cache would turn a 304 into a 200.
		const init: RequestInit = { method, headers, cache: 'no-store', signal: abort.signal,
			credentials: 'same-origin' };
		if (body !== undefined) init.body = body;
		return await fetch(BASE + path, init);
	} catch {
		throw new ApiError(0, abort.signal.aborted
			? `The server did not answer within ${TIMEOUT_MS / 1000} seconds.`
			: 'The server cannot be reached.');
	} finally {
		clearTimeout(timer);
	}
}

async function problemOf(response: Response): Promise<ApiError> {
	const type = response.headers.get('content-type') ?? '';
	if (type.startsWith('application/problem+json')) {
		try {
			const problem = (await response.json()) as Problem;
			const fields = problem.errors?.map((e) => e.detail).join('; ');
			const text = [problem.detail || problem.title, fields].filter(Boolean).join(': ');
			return new ApiError(response.status, text, problem);
		} catch {
			// A broken body says no more than the status does.
		}
	}
	return new ApiError(response.status, `The server answered ${response.status}.`);
}

async function checked(response: Response, path: string): Promise<Response> {
	if (response.ok) return response;
	if (response.status === 401 && path !== '/session') loggedOut();
	throw await problemOf(response);
}

async function parsed<T>(response: Response): Promise<T> {
	if (response.status === 204) return undefined as T;
	try {
		return (await response.json()) as T;
	} catch {
		throw new ApiError(response.status, 'The server sent an answer that cannot be read.');
	}
}

/** The very same object as before when the server says that nothing has changed. */
export async function get<T>(path: string): Promise<T> {
	const known = remembered.get(path);
	const headers: Record<string, string> = { accept: 'application/json' };
	if (known) headers['if-none-match'] = known.etag;
	const response = await send('GET', path, headers);
	if (response.status === 304 && known) return known.data as T;
	const data = await parsed<T>(await checked(response, path));
	const etag = response.headers.get('etag');
	if (etag) remember(path, etag, data);
	return data;
}

export interface SendOptions {
	method?: 'POST' | 'PUT' | 'DELETE';
	body?: unknown;
	/** Refused with 412 when the resource has moved on. */
	revision?: number;
}

export async function post<T>(path: string, options: SendOptions = {}): Promise<T> {
	const headers: Record<string, string> = {
		accept: 'application/json', 'content-type': 'application/json' };
	if (options.revision !== undefined) headers['if-match'] = `"${options.revision}"`;
	const method = options.method ?? 'POST';
	const body = method !== 'DELETE' ? JSON.stringify(options.body ?? {}) : undefined;
	return parsed<T>(await checked(await send(method, path, headers, body), path));
}
