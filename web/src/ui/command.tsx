// A line to run in a terminal or to put into a file, with a button that copies it.
import { t } from '../words/words';
import { CopyButton } from './copy';

export function Command({ text, label }: { text: string; label: string }) {
	return (
		<div class="command">
			<pre tabIndex={0} aria-label={label}><code>{text}</code></pre>
			<CopyButton text={() => text} name={t('Copy')} />
		</div>
	);
}
