import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ApiError, forget, get, onLoggedOut, post, query } from './client';

const fetched = vi.fn<(url: string, init: RequestInit) => Promise<Response>>();

beforeEach(() => {
	vi.stubGlobal('fetch', fetched);
	fetched.mockReset();
	forget();
});
afterEach(() => vi.unstubAllGlobals());

function json(body: unknown, init: ResponseInit = {}): Response {
	return new Response(JSON.stringify(body), {
		...init, headers: { 'content-type': 'application/json', ...init.headers } });
}

test('what has not changed is the same object, without a transfer', async () => {
	fetched.mockResolvedValueOnce(json({ hosts: 1 }, { headers: { etag: '"a"' } }));
	const first = await get('/fleet');
	fetched.mockResolvedValueOnce(new Response(null, { status: 304 }));
	const second = await get('/fleet');
	expect(second).toBe(first);
	const headers = fetched.mock.calls[1]?.[1].headers as Record<string, string>;
	expect(headers['if-none-match']).toBe('"a"');
});

test('a new answer replaces what was remembered', async () => {
	fetched.mockResolvedValueOnce(json({ hosts: 1 }, { headers: { etag: '"a"' } }));
	await get('/fleet');
	fetched.mockResolvedValueOnce(json({ hosts: 2 }, { headers: { etag: '"b"' } }));
	expect(await get('/fleet')).toEqual({ hosts: 2 });
});

test('a problem becomes one sentence, fields included', async () => {
	const problem = { type: 'about:blank', title: 'Bad request', status: 400, instance: '/x',
		detail: 'The body was refused', errors: [{ pointer: '/text', detail: 'text is empty' }] };
	fetched.mockResolvedValueOnce(new Response(JSON.stringify(problem), {
		status: 400, headers: { 'content-type': 'application/problem+json' } }));
	const error = await post('/alerts/1/notes').catch((e: unknown) => e);
	expect(error).toBeInstanceOf(ApiError);
	expect((error as ApiError).status).toBe(400);
	expect((error as ApiError).message).toBe('The body was refused: text is empty');
});

test('an answer that is no problem document still says its status', async () => {
	fetched.mockResolvedValueOnce(new Response('<html>', { status: 502 }));
	await expect(get('/fleet')).rejects.toMatchObject({
		status: 502, message: 'The server answered 502.' });
});

test('no connection is told as such', async () => {
	fetched.mockRejectedValueOnce(new TypeError('failed to fetch'));
	await expect(get('/fleet')).rejects.toMatchObject({
		status: 0, message: 'The server cannot be reached.' });
});

test('a lost session is reported, a failed login is not', async () => {
	const lost = vi.fn();
	onLoggedOut(lost);
	const refused = () => new Response(JSON.stringify({ detail: 'Log in first' }), {
		status: 401, headers: { 'content-type': 'application/problem+json' } });
	fetched.mockImplementation(() => Promise.resolve(refused()));
	await expect(post('/session', { body: {} })).rejects.toThrow('Log in first');
	expect(lost).not.toHaveBeenCalled();
	await expect(get('/fleet')).rejects.toThrow('Log in first');
	expect(lost).toHaveBeenCalledOnce();
});

test('a revision is sent as If-Match, a body as JSON', async () => {
	fetched.mockResolvedValueOnce(json({ id: 4 }));
	await post('/alerts/4/resolve', { revision: 7, body: { note: 'fixed in 1.1.1' } });
	const init = fetched.mock.calls[0]?.[1];
	expect((init?.headers as Record<string, string>)['if-match']).toBe('"7"');
	expect(init?.body).toBe('{"note":"fixed in 1.1.1"}');
});

test('no content is no error', async () => {
	fetched.mockResolvedValueOnce(new Response(null, { status: 204 }));
	expect(await post('/session', { method: 'DELETE' })).toBeUndefined();
});

test('empty parameters are left out and commas stay readable', () => {
	expect(query({ q: '', limit: 100, after: undefined })).toBe('?limit=100');
	expect(query({ state: 'open,acknowledged', q: 'a b&c' })).toBe(
		'?state=open,acknowledged&q=a%20b%26c');
	expect(query({})).toBe('');
});
