// What each browser remembers: theme and time zone; for the language see words/.
import { effect, signal } from '@preact/signals';
import type { Zone } from '../format/time';
import { remember, remembered } from '../words/memory';

export type Theme = 'system' | 'light' | 'dark';

function stored<T extends string>(key: string, allowed: readonly T[], other: T): T {
	const value = remembered(key);
	return allowed.find((a) => a === value) ?? other;
}

const THEMES: readonly Theme[] = ['system', 'light', 'dark'];

export const theme = signal<Theme>(stored('theme', THEMES, 'system'));
export const zone = signal<Zone>(stored('zone', ['local', 'utc'], 'local'));

/** Counts changes of colours, by choice or by the system: what paints on canvas follows it. */
export const paint = signal(0);

export function nextZone(): void {
	zone.value = zone.value === 'utc' ? 'local' : 'utc';
}

export function nextTheme(): void {
	const dark = matchMedia('(prefers-color-scheme: dark)').matches;
	const order: Theme[] = dark ? ['system', 'light', 'dark'] : ['system', 'dark', 'light'];
	theme.value = order[(order.indexOf(theme.value) + 1) % order.length] as Theme;
}

export function startPreferences(): void {
	effect(() => {
		document.documentElement.dataset['theme'] = theme.value;
		remember('theme', theme.value);
		paint.value = paint.peek() + 1;
	});
	effect(() => remember('zone', zone.value));
	matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => {
		paint.value++;
	});
}
