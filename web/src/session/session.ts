// Who is logged in.
import { signal } from '@preact/signals';
import { ApiError, forget, get, onLoggedOut, post } from '../api/client';
import { dropResources } from '../api/resource';
import type { Session } from '../api/types';

/** undefined: not known yet; null: nobody. */
export const session = signal<Session | null | undefined>(undefined);
/** Why it is not known. */
export const sessionError = signal<ApiError | undefined>(undefined);

export function mayAct(): boolean {
	return session.value?.role === 'admin' || session.value?.role === 'operator';
}

/** Some services alone are shown: what is of all of them is not. */
export function isLimited(): boolean {
	return session.value?.services != null;
}

/** May change what all services share, such as hosts and agents. */
export function mayActOnAll(): boolean {
	return mayAct() && !isLimited();
}

export function isAdmin(): boolean {
	return session.value?.role === 'admin';
}

export async function loadSession(): Promise<void> {
	sessionError.value = undefined;
	try {
		session.value = await get<Session | null>('/session');
	} catch (e) {
		sessionError.value = e as ApiError;
	}
}

export async function logIn(name: string, password: string): Promise<void> {
	forget();
	dropResources();
	session.value = await post<Session>('/session', { body: { name, password } });
}

export async function logOut(): Promise<void> {
	await post('/session', { method: 'DELETE' });
	forget();
	dropResources();
	session.value = null;
}

export async function changePassword(current: string, next: string): Promise<void> {
	await post('/session/password', { body: { current, new: next } });
	await loadSession();
}

onLoggedOut(() => {
	if (session.value) session.value = null;
});
