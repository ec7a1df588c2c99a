// A filter that lives in the address. The slash key goes to it, Escape clears it.
import { useEffect, useRef, useState } from 'preact/hooks';
import { useKeys } from '../app/keyboard';
import { t } from '../words/words';

const PAUSE_MS = 180;

export function Search({ label, value, set }: {
	label: string;
	value: string;
	set: (text: string) => void;
}) {
	const ref = useRef<HTMLInputElement>(null);
	const [text, setText] = useState(value);
	const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
	// The address changed by other means (Back, a link): show what it says.
	useEffect(() => {
		if (value !== text.trim()) setText(value);
	}, [value]);
	useEffect(() => () => clearTimeout(timer.current), []);
	useKeys([{ keys: '/', help: t('Search'), group: t('Lists'), run: () => ref.current?.focus() }]);
	const type = (next: string) => {
		setText(next);
		clearTimeout(timer.current);
		timer.current = setTimeout(() => set(next.trim()), PAUSE_MS);
	};
	const onKey = (event: KeyboardEvent) => {
		if (event.key !== 'Escape') return;
		if (text === '') ref.current?.blur();
		else type('');
		event.preventDefault();
	};
	return (
		<div class="search">
			<svg viewBox="0 0 16 16" width="14" height="14" aria-hidden="true">
				<circle cx="7" cy="7" r="4.5" class="stroke" /><path d="m10.5 10.5 3.5 3.5" class="stroke" />
			</svg>
			<input ref={ref} type="search" aria-label={label} placeholder={label} value={text}
				maxLength={200} autocomplete="off" spellcheck={false}
				onInput={(e) => type(e.currentTarget.value)} onKeyDown={onKey} />
			<kbd aria-hidden="true">/</kbd>
		</div>
	);
}
