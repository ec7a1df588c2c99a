// Two to four selections beside each other.
import type { CompareView } from '../app/address';
import { useTitle } from '../app/title';
import { t } from '../words/words';

export function ComparePage({ view }: { view: CompareView }) {
	useTitle(t('Compare'));
	return <h1>{t('Compare')} {view.selections.length}</h1>;
}
