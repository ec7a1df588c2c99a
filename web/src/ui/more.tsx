import type { Pages } from '../api/resource';
import { t } from '../words/words';

export function More({ pages }: { pages: Pages<unknown> }) {
	if (!pages.hasMore.value) return null;
	return (
		<p class="more">
			<button type="button" class="button" disabled={pages.loadingMore.value}
				onClick={() => void pages.more()}>
				{t(pages.loadingMore.value ? 'Loading…' : 'Show more')}
			</button>
		</p>
	);
}
