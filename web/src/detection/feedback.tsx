// What people said is not a leak. It stands until somebody withdraws it.
import { post } from '../api/client';
import { type Pages, touch, usePages } from '../api/resource';
import type { Feedback } from '../api/types';
import { href } from '../app/address';
import { memory } from '../format/number';
import { mayAct } from '../session/session';
import { KIND_WORDS } from '../ui/finding';
import { More } from '../ui/more';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { Written } from '../ui/written';
import { rich, t } from '../words/words';

const PAGE = 20;

export function FeedbackPart({ service }: { service: number }) {
	const pages = usePages<Feedback>(`/services/${service}/feedback`, { limit: PAGE }, ['alerts']);
	return (
		<section class="part">
			<h2>{t('What people said is not a leak')}</h2>
			<Loaded resource={pages} rows={2}>
				{(rows) => rows.length === 0
					? <p class="quiet">{t('Nothing. An alert can be resolved as “not a leak”; its reason is then remembered here.')}</p>
					: <List rows={rows} pages={pages} />}
			</Loaded>
		</section>
	);
}

function List({ rows, pages }: { rows: readonly Feedback[]; pages: Pages<Feedback> }) {
	return (
		<>
			<p class="quiet table-note">
				{t('Nothing of the kind alerts again unless it grows clearly faster than it did then.')}
			</p>
			<ul class="feedback">
				{rows.map((f) => (
					<li key={f.id}>
						<Written text={f.reason} />
						<p class="quiet">
							{rich('{who} {ago}, {about}', { who: f.said_by, ago: <Ago ms={f.said_at_ms} />, about: about(f) })}
							{f.alert !== null && <> · <a href={href.alert(f.alert)}>{t('Alert')}</a></>}
							{mayAct() && (
								<button type="button" class="text-button danger" onClick={() => void withdraw(f)}>
									{t('Withdraw')}<span class="sr-only"> “{f.reason.slice(0, 60)}”</span>
								</button>
							)}
						</p>
					</li>
				))}
			</ul>
			<More pages={pages as Pages<unknown>} />
		</>
	);
}

/** "version 1.1.0 leaks, then by 60 MiB/h". Pure. */
export function about(f: Pick<Feedback, 'version' | 'kind' | 'rate_kb_h'>): string {
	const version = f.version.version === '' ? t('its unknown version') : t('version {version}', f.version);
	const values = { version, kind: KIND_WORDS[f.kind] ?? f.kind };
	return f.rate_kb_h === null ? t('of “{version} {kind}”', values)
		: t('of “{version} {kind}”, then by {rate}', { ...values, rate: t('{size}/h', { size: memory(f.rate_kb_h) }) });
}

async function withdraw(f: Feedback): Promise<void> {
	try {
		await post<Feedback>(`/feedback/${f.id}`, { method: 'DELETE' });
		toast(t('Withdrawn: it may alert again.'));
	} catch (e) {
		toast((e as Error).message, { kind: 'failed' });
	}
	touch(['alerts']);
}
