// For tests of pages: an API that answers with the golden files, and a page in a document.
import { render } from 'preact';
import type { JSX } from 'preact';
import { afterAll, afterEach, vi } from 'vitest';
import { forget } from '../api/client';
import { dropResources } from '../api/resource';
import type { Session } from '../api/types';
import { session } from '../session/session';

export type Answers = Record<string, unknown | ((init: RequestInit) => unknown)>;

export interface Sent {
	method: string;
	path: string;
	body: unknown;
	headers: Record<string, string>;
}

/** Not an answer but a refusal, as problem+json. */
export function problem(status: number, detail: string): Response {
	return new Response(JSON.stringify({ type: 'about:blank', title: 'Refused', status, detail, instance: '' }), {
		status, headers: { 'content-type': 'application/problem+json' } });
}

function answerTo(answers: Answers, path: string, init: RequestInit): unknown {
	const bare = path.split('?')[0] as string;
	const key = [path, bare].find((k) => k in answers);
	if (key === undefined) return problem(404, `the test has no answer for ${path}`);
	const answer = answers[key];
	return typeof answer === 'function' ? answer(init) : answer;
}

/** Replaces fetch. Keys are paths below /api/v1, with or without their query. */
export function serve(answers: Answers): Sent[] {
	const sent: Sent[] = [];
	vi.stubGlobal('fetch', async (url: string, init: RequestInit = {}) => {
		const path = url.replace('/api/v1', '');
		sent.push({ method: init.method ?? 'GET', path, headers: init.headers as Record<string, string>,
			body: typeof init.body === 'string' ? JSON.parse(init.body) : undefined });
		const answer = await answerTo(answers, path, init);
		if (answer instanceof Response) return answer;
		return new Response(JSON.stringify(answer), { headers: { 'content-type': 'application/json' } });
	});
	return sent;
}

/** An answer that never comes. */
export const never = () => new Promise<never>(() => {});

export const ada: Session = { user: 'ada', role: 'admin', services: null, password_is_one_time: false };

let shown: HTMLElement | undefined;

/** Off the screen: what its timers and answers find later is no page any more. */
function leave(): void {
	if (shown) render(null, shown);
	shown = undefined;
}

afterEach(leave);
// Answers that are on their way arrive while there is still a document.
afterAll(() => new Promise<void>((done) => { setTimeout(done); }));

export function show(page: JSX.Element, who: Session | null = ada): HTMLElement {
	leave();
	forget();
	dropResources();
	session.value = who;
	document.body.replaceChildren();
	const root = document.createElement('div');
	document.body.append(root);
	shown = root;
	render(page, root);
	return root;
}

export function textOf(root: Element): string {
	return (root.textContent ?? '').replaceAll('\u00a0', ' ').replace(/\s+/g, ' ');
}

/** On a machine that is busy with other things. */
export const PATIENCE_MS = 20_000;

/** Until `check` throws no more. */
export function eventually<T>(check: () => T | Promise<T>): Promise<T> {
	return vi.waitFor(check, { timeout: PATIENCE_MS });
}

/** Waits until the page says `text`. */
export async function says(root: Element, text: string): Promise<void> {
	await eventually(() => {
		if (!textOf(root).includes(text)) throw new Error(`"${text}" is not in: ${textOf(root)}`);
	});
}

export function button(root: Element, name: string): HTMLButtonElement {
	const found = [...root.querySelectorAll('button')].find((b) => textOf(b).includes(name));
	if (!found) throw new Error(`no button "${name}" in: ${textOf(root)}`);
	return found;
}

/** Presses a key, as typed on the page. */
export function press(key: string): void {
	document.body.dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true }));
}
