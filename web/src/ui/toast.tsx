// A short word after an action, with the way back where there is one.
import { signal } from '@preact/signals';
import { said } from '../words/said';
import { t } from '../words/words';

interface Toast {
	id: number;
	text: string;
	kind: 'done' | 'failed';
	undo?: () => void;
}

const SHOWN_MS = 8000;

const toasts = signal<readonly Toast[]>([]);
let last = 0;

function dismiss(id: number): void {
	toasts.value = toasts.value.filter((t) => t.id !== id);
}

export function toast(text: string, options: { kind?: Toast['kind']; undo?: () => void } = {}): void {
	const id = ++last;
	const entry: Toast = { id, text: said(text), kind: options.kind ?? 'done' };
	if (options.undo) entry.undo = options.undo;
	// The newest says it all; more than two would hide the page.
	toasts.value = [...toasts.value.slice(-1), entry];
	setTimeout(() => dismiss(id), SHOWN_MS);
}

export function Toasts() {
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toasts.value.map((shown) => (
				<div class={`toast ${shown.kind}`} key={shown.id}>
					<span>{shown.text}</span>
					{shown.undo && (
						<button type="button" onClick={() => { dismiss(shown.id); shown.undo?.(); }}>{t('Undo')}</button>
					)}
					<button type="button" class="close" aria-label={t('Dismiss')} onClick={() => dismiss(shown.id)}>×</button>
				</div>
			))}
		</div>
	);
}
