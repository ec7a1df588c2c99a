import type { ComponentChildren } from 'preact';
import type { Fleet } from '../api/types';
import { href } from '../app/address';
import { count } from '../format/number';
import { rich, t } from '../words/words';

const of = (x: ComponentChildren) => <span class="of">{x}</span>;

export function Figures({ fleet }: { fleet: Fleet }) {
	const { agents, alerts, findings } = fleet;
	return (
		<dl class="figures">
			<div><dt>{t('Hosts')}</dt><dd><a href={href.hosts()}>{count(fleet.hosts)}</a></dd></div>
			<div>
				<dt>{t('Instances')}</dt>
				<dd>
					{fleet.instances_silent > 0
						? rich('{n}<of> + {silent} without data</of>', { n: count(fleet.instances), silent: count(fleet.instances_silent), of })
						: count(fleet.instances)}
				</dd>
			</div>
			<div>
				<dt>{t('Agents reporting')}</dt>
				<dd>
					<a href={href.agents()}>{rich('{n}<of> of {all}</of>', { n: count(agents.reporting), all: count(agents.total), of })}</a>
				</dd>
			</div>
			<div>
				<dt>{t('Open alerts')}</dt>
				<dd>
					<a href={href.alerts()}>
						{alerts.acknowledged > 0
							? rich('{n}<of> + {acknowledged} acknowledged</of>', { n: count(alerts.open), acknowledged: count(alerts.acknowledged), of })
							: count(alerts.open)}
					</a>
				</dd>
			</div>
			{findings.watch > 0 && (
				<div><dt>{t('Watched')}</dt><dd><a href={href.alerts({ state: 'watched' })}>{count(findings.watch)}</a></dd></div>
			)}
		</dl>
	);
}
