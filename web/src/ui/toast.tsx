// A short word after an action, with the way back where there is one.
import { signal } from '@preact/signals';

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
	const entry: Toast = { id, text, kind: options.kind ?? 'done' };
	if (options.undo) entry.undo = options.undo;
	// The newest says it all; more than two would hide the page.
	toasts.value = [...toasts.value.slice(-1), entry];
	setTimeout(() => dismiss(id), SHOWN_MS);
}

export function Toasts() {
	return (
		<div class="toasts" role="status" aria-live="polite">
			{toasts.value.map((t) => (
				<div class={`toast ${t.kind}`} key={t.id}>
					<span>{t.text}</span>
					{t.undo && (
						<button type="button" onClick={() => { dismiss(t.id); t.undo?.(); }}>Undo</button>
					)}
					<button type="button" class="close" aria-label="Dismiss" onClick={() => dismiss(t.id)}>×</button>
				</div>
			))}
		</div>
	);
}
