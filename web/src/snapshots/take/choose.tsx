import { useEffect, useRef, useState } from 'preact/hooks';
import { usePages } from '../../api/resource';
import type { Instance, Service } from '../../api/types';
import { memory } from '../../format/number';
import { Growth } from '../../ui/growth';
import { More } from '../../ui/more';
import { None } from '../../ui/none';
import { Loaded } from '../../ui/states';
import { VerdictBadge, VersionName } from '../../ui/verdict';
import { seat } from '../words';
import { t } from '../../words/words';
import { ask } from './actions';
import { lastHealthy, offered } from './choice';

const PAGE = 200;

export function Choose({ service, preferred, asked }: {
	service: Service;
	/** The instance that somebody came for. */
	preferred: number | null;
	asked: (capture: number) => void;
}) {
	const pages = usePages<Instance>(`/services/${service.id}/instances`, { limit: PAGE }, ['verdicts']);
	return (
		<Loaded resource={pages} rows={3}>
			{(all) => {
				const rows = offered(all);
				if (rows.length === 0) return <p>{t('No instance of this service runs now.')}</p>;
				return (
					<>
						<ChooseForm rows={rows} last={lastHealthy(all)} preferred={preferred} asked={asked} />
						<More pages={pages} />
					</>
				);
			}}
		</Loaded>
	);
}

function ChooseForm({ rows, last, preferred, asked }: {
	rows: readonly Instance[];
	last: number | null;
	preferred: number | null;
	asked: (capture: number) => void;
}) {
	const [chosen, choose] = useState(preferred);
	const [busy, setBusy] = useState(false);
	const first = rows[0] as Instance;
	const at = rows.find((r) => r.id === chosen) ?? first;
	const form = useRef<HTMLFormElement>(null);
	useEffect(() => form.current?.querySelector<HTMLInputElement>('input:checked')?.focus(), []);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		setBusy(true);
		const capture = await ask(at.id);
		setBusy(false);
		if (capture) asked(capture.id);
	};
	return (
		<form ref={form} onSubmit={(e) => void submit(e)}>
			<p class="quiet">{t('Which process? You see what it costs before anything is taken.')}</p>
			<div class="choices" role="radiogroup" aria-label={t('Instance')}>
				{rows.map((i) => (
					<label key={i.id} class="choice">
						<input type="radio" name="instance" value={i.id} checked={i.id === at.id} onChange={() => choose(i.id)} />
						<span class="choice-who">
							<strong>{seat(i)}</strong> <VersionName version={i.version.version} />
							{i === first && i.verdict === 'leak' && <span class="mark">{t('clearest growth')}</span>}
							{i.id === last && <span class="mark warn">{t('the last healthy one')}</span>}
						</span>
						<span class="choice-memory">{i.memory_kb === null ? <None /> : memory(i.memory_kb)}</span>
						<span class="choice-growth"><Growth value={i.rate} /></span>
						<VerdictBadge verdict={i.verdict} />
					</label>
				))}
			</div>
			{at.id === last && (
				<p class="stale">{t('While it is taken this process answers nothing, and no other one is healthy.')}</p>
			)}
			<div class="dialog-actions">
				<button type="submit" class="button primary" disabled={busy}>
					{t(busy ? 'Asking…' : 'Show what it costs')}
				</button>
			</div>
		</form>
	);
}
