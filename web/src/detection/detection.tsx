// What people tell the detector about one service, and what it would have said. Comes as one
// file when it is first opened.
import '../styles/detection.css';
import { useResource } from '../api/resource';
import type { Service } from '../api/types';
import { type DetectionView, href } from '../app/address';
import { useTitle } from '../app/title';
import { ServiceTabs } from '../service/tabs';
import { Loaded } from '../ui/states';
import { VerdictBadge } from '../ui/verdict';
import { said } from '../words/said';
import { t } from '../words/words';
import { FeedbackPart } from './feedback';
import { ReplayPart } from './replay';
import { SensitivityPart } from './sensitivity';

export function DetectionPage({ id, view }: { id: number; view: DetectionView }) {
	const service = useResource<Service>(`/services/${id}`, ['verdicts', 'alerts']);
	const name = service.data.value?.name;
	useTitle(name ? t('Detection: {name}', { name }) : t('Detection'));
	return (
		<Loaded resource={service} page>
			{(s) => (
				<>
					<header class="page-head">
						<div>
							<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
							<h1>{s.name} <VerdictBadge verdict={s.verdict} /></h1>
							<p class="lead">{said(s.summary)}</p>
						</div>
					</header>
					<ServiceTabs service={s.id} current="detection" />
					<div class="detection">
						<SensitivityPart service={s.id} />
						<FeedbackPart service={s.id} />
						<ReplayPart service={s} chosen={view.replay} />
					</div>
				</>
			)}
		</Loaded>
	);
}
