// One's own sessions: where one is logged in, and ending what one has left open.
import { post } from '../api/client';
import { usePages } from '../api/resource';
import type { OwnSession } from '../api/settings';
import { None } from '../ui/none';
import { Loaded } from '../ui/states';
import { Ago } from '../ui/time';
import { t } from '../words/words';
import { act } from './act';

export function SessionsTab() {
	const pages = usePages<OwnSession>('/sessions', {}, []);
	const look = () => void pages.refresh();
	return (
		<>
			<Loaded resource={pages} rows={2}>
				{(rows) => (
					<table class="grid cards">
						<caption class="sr-only">{t('Your sessions')}</caption>
						<thead>
							<tr>
								<th scope="col" class="c-name">{t('Browser')}</th>
								<th scope="col">{t('From')}</th>
								<th scope="col">{t('Begun')}</th>
								<th scope="col">{t('Last used')}</th>
								<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
							</tr>
						</thead>
						<tbody>
							{rows.map((s) => (
								<tr key={s.id} data-row>
									<th scope="row" class="c-name">{s.program ? <span class="clip" title={s.program}>{s.program}</span> : <None />}{s.is_this && <p class="summary">{t('this one')}</p>}</th>
									<td data-of={t('From')}><code>{s.address}</code></td>
									<td data-of={t('Begun')}><Ago ms={s.created_at_ms} /></td>
									<td data-of={t('Last used')}><Ago ms={s.last_used_at_ms} /></td>
									<td class="row-actions">{!s.is_this && <button type="button" class="text-button danger" onClick={() => void act(post(`/sessions/${s.id}`, { method: 'DELETE' }), t('The session has ended.'), look)}>{t('End it')}<span class="sr-only">: {s.address}</span></button>}</td>
								</tr>
							))}
						</tbody>
					</table>
				)}
			</Loaded>
			<p class="quiet note">{t('A session ends 12 hours after its last use and 7 days after its login.')}</p>
		</>
	);
}
