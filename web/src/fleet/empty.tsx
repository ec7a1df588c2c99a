import { type FleetView, href } from '../app/address';
import { Empty } from '../ui/states';
import { VERDICT_WORDS } from '../ui/verdict';
import { rich, t } from '../words/words';

export function NoServices({ hosts }: { hosts: number }) {
	if (hosts > 0)
		return (
			<Empty title={t('The first readings are on their way')}>
				<p>{t('An agent has joined; services appear with its first batches, within half a minute.')}</p>
				<p>
					{rich('On the host, {status} shows what it sends, {services} how it groups processes.',
						{ status: <code>tidemark-agent status</code>, services: <code>tidemark-agent services</code> })}
				</p>
			</Empty>
		);
	return (
		<Empty title={t('Put an agent on the first host')}>
			<p>{t('Services appear here by themselves once an agent reports: every process is grouped without configuration.')}</p>
			<p><a class="button primary" href={href.agents()}>{t('Get the command for a new host')}</a></p>
		</Empty>
	);
}

const TITLES = {
	service: t('No service matches'),
	host: t('No host matches'),
	version: t('No version matches'),
	label: t('No label matches'),
};

export function NothingFound({ view }: { view: FleetView }) {
	const { q, verdict } = view;
	const word = verdict ? VERDICT_WORDS[verdict] : '';
	return (
		<Empty title={TITLES[view.by]}>
			<p>
				{q && verdict ? t('Nothing with “{q}” in its name has the verdict “{verdict}”.', { q, verdict: word })
					: q ? t('Nothing has “{q}” in its name.', { q })
						: verdict ? t('Nothing has the verdict “{verdict}”.', { verdict: word }) : t('There is none.')}
			</p>
			<p><a class="button" href={href.fleet({ by: view.by, label: view.label })}>{t('Show all')}</a></p>
		</Empty>
	);
}

/** Grouped by label, and no host has any. */
export function NoLabels() {
	return (
		<Empty title={t('No host has a label yet')}>
			<p>{t('Labels such as env=production sort hosts as you think of them: by environment, zone, team or customer.')}</p>
			<p>{rich('Open a host from the <map>map of hosts</map> and set its labels, or send {put}.',
				{ map: (x) => <a href={href.hosts()}>{x}</a>, put: <code>PUT /api/v1/hosts/ID/labels</code> })}</p>
		</Empty>
	);
}
