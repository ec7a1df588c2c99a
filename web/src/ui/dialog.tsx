// A modal dialog, by the browser's own element: focus stays inside, Escape closes.
// The button that closes comes last, so that the first field of a form has the focus.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import { t } from '../words/words';

export function Dialog({ title, close, wide = false, secret = false, children }: {
	title: string;
	/** What it shows is shown once: only a button closes it. */
	secret?: boolean;
	/** It holds a table or a card. */
	wide?: boolean;
	close: () => void;
	children: ComponentChildren;
}) {
	const ref = useRef<HTMLDialogElement>(null);
	const heading = useId();
	useEffect(() => {
		const dialog = ref.current;
		if (dialog && !dialog.open) dialog.showModal();
	}, []);
	// Who drags a selection out of a field clicks nothing: what was typed would be lost.
	const pressed = useRef<EventTarget | null>(null);
	const outside = (event: MouseEvent) => {
		if (!secret && event.target === ref.current && pressed.current === ref.current) close();
	};
	return (
		<dialog ref={ref} class={wide ? 'wide' : ''} aria-labelledby={heading} onClose={close}
			onCancel={(e) => { if (secret) e.preventDefault(); }}
			onMouseDown={(e) => { pressed.current = e.target; }} onClick={outside}>
			<div class="dialog-body">
				<h2 id={heading}>{title}</h2>
				{children}
				<button type="button" class="icon-button close" aria-label={t('Close')} onClick={close}>×</button>
			</div>
		</dialog>
	);
}
