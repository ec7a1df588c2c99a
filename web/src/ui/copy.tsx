// A button that copies text: a table, a list.
import { useState } from 'preact/hooks';
import { t } from '../words/words';
import { toast } from './toast';

const SAID_MS = 2000;

/** `text` is made when it is wanted: it may be long. */
export function CopyButton({ text, name, what }: { text: () => string; name: string; what?: string }) {
	const [copied, setCopied] = useState(false);
	const copy = async () => {
		try {
			await navigator.clipboard.writeText(text());
			setCopied(true);
			setTimeout(() => setCopied(false), SAID_MS);
		} catch {
			toast(t('The browser did not allow copying: select the text instead.'), { kind: 'failed' });
		}
	};
	return (
		<button type="button" class="button" onClick={() => void copy()} title={what}>
			<span aria-live="polite">{copied ? t('Copied') : name}</span>
		</button>
	);
}
