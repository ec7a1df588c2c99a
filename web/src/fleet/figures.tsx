import type { Fleet } from '../api/types';
import { href } from '../app/address';
import { count, plural } from '../format/number';

/** The state of the fleet in one sentence. */
export function headline(fleet: Fleet): string {
	const { leak, native, backlog, watch } = fleet.verdicts;
	const alarming = leak + native + backlog;
	if (fleet.services === 0) return 'No services yet';
	const of = `of ${plural(fleet.services, 'service')}`;
	if (leak > 0 && leak === alarming) return `${count(leak)} ${of} ${leak === 1 ? 'leaks' : 'leak'}`;
	if (alarming > 0) return `${count(alarming)} ${of} ${alarming === 1 ? 'grows' : 'grow'} without an end in sight`;
	if (watch > 0) return `No leaks; ${count(watch)} ${of} to watch`;
	if (fleet.verdicts.learning === fleet.services) return `Learning about ${plural(fleet.services, 'service')}`;
	return fleet.services === 1 ? 'The service is steady' : `No leaks in ${plural(fleet.services, 'service')}`;
}

export function Figures({ fleet }: { fleet: Fleet }) {
	const { agents, alerts, findings } = fleet;
	return (
		<dl class="figures">
			<div><dt>Hosts</dt><dd>{count(fleet.hosts)}</dd></div>
			<div>
				<dt>Instances</dt>
				<dd>
					{count(fleet.instances)}
					{fleet.instances_silent > 0 && <span class="of"> + {count(fleet.instances_silent)} without data</span>}
				</dd>
			</div>
			<div>
				<dt>Agents reporting</dt>
				<dd>
					<a href={href.agents()}>{count(agents.reporting)}<span class="of"> of {count(agents.total)}</span></a>
				</dd>
			</div>
			<div>
				<dt>Open alerts</dt>
				<dd>
					<a href={href.alerts()}>{count(alerts.open)}
						{alerts.acknowledged > 0 && <span class="of"> + {count(alerts.acknowledged)} acknowledged</span>}
					</a>
				</dd>
			</div>
			{findings.watch > 0 && (
				<div><dt>Watched</dt><dd><a href={href.alerts({ state: 'watched' })}>{count(findings.watch)}</a></dd></div>
			)}
		</dl>
	);
}
