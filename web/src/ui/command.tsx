// A line to run in a terminal, with a button that copies it.
import { useState } from 'preact/hooks';
import { toast } from './toast';

const SAID_MS = 2000;

export function Command({ text, label }: { text: string; label: string }) {
	const [copied, setCopied] = useState(false);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text);
			setCopied(true);
			setTimeout(() => setCopied(false), SAID_MS);
		} catch {
			toast('The browser did not allow copying: select the line instead.', { kind: 'failed' });
		}
	};
	return (
		<div class="command">
			<pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
			<button type="button" class="button" onClick={() => void copy()}>
				<span aria-live="polite">{copied ? 'Copied' : 'Copy'}</span>
			</button>
		</div>
	);
}
