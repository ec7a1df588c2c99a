// Keys. Each is declared where it works, by the component that is on screen; the help sheet
// is made from the same declarations.
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';

export interface Key {
	/** "j", "/", or two in a row: "g f". */
	keys: string;
	help: string;
	group: string;
	run: () => void;
}

const SEQUENCE_MS = 1200;

export const declared = signal<readonly Key[]>([]);

let first = '';
let firstAt = 0;

function isTyping(target: EventTarget | null): boolean {
	if (!(target instanceof HTMLElement)) return false;
	// A row that was ticked by the mouse has the focus in its box.
	if (target instanceof HTMLInputElement && /^(checkbox|radio)$/.test(target.type)) return false;
	return target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName);
}

function onKey(event: KeyboardEvent): void {
	if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
	if (isTyping(event.target) || document.querySelector('dialog[open]')) return;
	const sequence = first !== '' && event.timeStamp - firstAt < SEQUENCE_MS ? `${first} ${event.key}` : '';
	const match = declared.value.findLast((k) => k.keys === sequence)
		?? declared.value.findLast((k) => k.keys === event.key);
	const starts = declared.value.some((k) => k.keys.startsWith(`${event.key} `));
	first = starts && sequence === '' ? event.key : '';
	firstAt = event.timeStamp;
	if (!match) return;
	event.preventDefault();
	match.run();
}

export function startKeyboard(): void {
	document.addEventListener('keydown', onKey);
}

/** The keys of a component, for as long as it is on screen. The newest declaration wins. */
export function useKeys(keys: readonly Key[], when = true): void {
	const latest = useRef(keys);
	latest.current = keys;
	useEffect(() => {
		if (!when) return;
		const mine = keys.map((k, i) => ({ ...k, run: () => latest.current[i]?.run() }));
		declared.value = [...declared.value, ...mine];
		return () => {
			declared.value = declared.value.filter((k) => !mine.includes(k));
		};
	}, [when]);
}
