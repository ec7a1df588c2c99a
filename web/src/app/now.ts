// One clock for all the ages on the page. It ticks every few seconds and rests while the
// page is hidden.
import { signal } from '@preact/signals';

const TICK_MS = 5000;

export const now = signal(Date.now());

export function tick(): void {
	now.value = Date.now();
}

export function startClock(): void {
	setInterval(() => {
		if (!document.hidden) tick();
	}, TICK_MS);
	document.addEventListener('visibilitychange', () => {
		if (!document.hidden) tick();
	});
}
