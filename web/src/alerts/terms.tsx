// What can be searched for, each with an example that is tried with a click.
import { type AlertsView, href } from '../app/address';
import { t } from '../words/words';

export function Terms({ view }: { view: AlertsView }) {
	const terms: [string, string][] = [
		['is:new', t('its state: open, new, escalating, regressed, acknowledged, archived, resolved')],
		['service:checkout', t('the service; * stands for anything')],
		['kind:leak', t('leak, native, backlog or version')],
		['owner:me', t('who works on it: a name, me or none')],
		['version:1.1.0', t('a version inside')],
		['host:web-*', t('a host inside')],
		['cause:"@pm2/io"', t('what those that leak have in common')],
	];
	return (
		<details class="menu terms">
			<summary aria-label={t('What can be searched for')}>{t('Terms')}</summary>
			<div class="menu-items">
				<dl>
					{terms.map(([term, help]) => (
						<div key={term}><dt><a href={href.alerts({ ...view, q: term })}><code>{term}</code></a></dt><dd>{help}</dd></div>
					))}
				</dl>
				<p class="quiet">{t('Words without a colon are looked for in what the alert says. All must match; of several terms of one name, one.')}</p>
			</div>
		</details>
	);
}
