// All hosts at once: a square each, coloured by how they fare or by what they run.
import { useMemo } from 'preact/hooks';
import type { HostMap } from '../api/fleet';
import { usePages, useResource } from '../api/resource';
import type { ServiceRow } from '../api/types';
import { HOST_COLOURS, type HostsView, href } from '../app/address';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { count } from '../format/number';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { rich, t } from '../words/words';
import { Cells } from './cells';
import { type Look, type Looks, looks, sections } from './colours';

const COLOURS: Record<HostsView['colour'], string> = { state: t('State'), version: t('Version'), agent: t('Agent'), memory: t('Memory in use') };

export function HostMapPage({ view }: { view: HostsView }) {
	useTitle(t('Hosts'));
	const map = useResource<HostMap>(`/hosts${view.service === null ? '' : `?service=${view.service}`}`, ['verdicts', 'alerts', 'agents']);
	return <Loaded resource={map} rows={6} page>{(m) => (m.hosts.id.length === 0 ? <NoHosts /> : <Shown map={m} view={view} />)}</Loaded>;
}

function NoHosts() {
	return (
		<>
			<header class="page-head"><h1>{t('Hosts')}</h1></header>
			<Empty title={t('No host has an agent yet')}>
				<p><a class="button primary" href={href.agents()}>{t('Get the command for a new host')}</a></p>
			</Empty>
		</>
	);
}

function Shown({ map, view }: { map: HostMap; view: HostsView }) {
	const show = (changed: Partial<HostsView>) => go(href.hosts({ ...view, ...changed }), { replace: true });
	const found = useMemo(() => {
		const words = view.q.toLowerCase().split(/\s+/).filter(Boolean);
		return map.hosts.name.map((_, i) => i).filter((i) => words.every((w) => (map.hosts.name[i] ?? '').toLowerCase().includes(w)));
	}, [map, view.q]);
	const drawn = useMemo(() => looks(map, view.colour, found), [map, view.colour, found]);
	const parts = useMemo(() => sections(map, view.group, found), [map, view.group, found]);
	const cells = useMemo(() => <Cells map={map} drawn={drawn} parts={parts} group={view.group} />, [map, drawn, parts]);
	return (
		<>
			<header class="page-head">
				<div>
					<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
					<h1>{t('{n, plural, one {# host} other {# hosts}}', { n: map.hosts.id.length })}</h1>
				</div>
				<p class="quiet">{rich('The same as a <table>table</table>', { table: (x) => <a href={href.fleet({ by: 'host' })}>{x}</a> })}</p>
			</header>
			{map.is_cut && <p class="stale" role="status">{t('There are more: the map shows the first {n} by name.', { n: map.hosts.id.length })}</p>}
			<div class="toolbar map-bar">
				<div class="segments" role="group" aria-label={t('Coloured by')}>
					{HOST_COLOURS.map((c) => (
						<button type="button" key={c} aria-pressed={view.colour === c} onClick={() => show({ colour: c })}>{COLOURS[c]}</button>
					))}
				</div>
				<GroupSelect map={map} view={view} show={show} />
				{(view.colour === 'version' || view.service !== null) && <ServiceSelect view={view} show={show} />}
				<Search label={t('Find a host')} value={view.q} set={(q) => show({ q })} />
			</div>
			<Legend drawn={drawn} />
			{found.length === 0 && (
				<Empty title={t('No host matches')}><p><a class="button" href={href.hosts({ ...view, q: '' })}>{t('Show all')}</a></p></Empty>
			)}
			{found.length > 0 && cells}
		</>
	);
}

function GroupSelect({ map, view, show }: { map: HostMap; view: HostsView; show: (changed: Partial<HostsView>) => void }) {
	if (map.labels.length === 0 && !view.group) return null;
	const keys = map.labels.map((l) => l.key);
	return (
		<label class="select">
			<span>{t('Grouped by')}</span>
			<select value={view.group} onChange={(e) => show({ group: e.currentTarget.value })}>
				<option value="">{t('nothing')}</option>
				{(view.group && !keys.includes(view.group) ? [view.group, ...keys] : keys).map((key) => <option key={key} value={key}>{key}</option>)}
			</select>
		</label>
	);
}

/** The worst services come first, and are those that anybody wants to see here. */
function ServiceSelect({ view, show }: { view: HostsView; show: (changed: Partial<HostsView>) => void }) {
	const services = usePages<ServiceRow>('/services', { limit: 200 }, []).data.value ?? [];
	return (
		<label class="select">
			<span>{t('Of the service')}</span>
			<select value={view.service ?? ''} onChange={(e) => show({ service: Number(e.currentTarget.value) || null })}>
				<option value="">{t('none: of the agent')}</option>
				{view.service !== null && !services.some((s) => s.id === view.service) && <option value={view.service}>#{view.service}</option>}
				{services.map((s) => <option key={s.id} value={s.id}>{s.name.slice(0, 80)}</option>)}
			</select>
		</label>
	);
}

function Legend({ drawn }: { drawn: Looks }) {
	return (
		<ul class="legend-list" aria-label={t('Legend')}>
			{drawn.legend.filter((l) => l.count > 0).map((l) => <LegendItem key={l.class + l.words} look={l} />)}
		</ul>
	);
}

function LegendItem({ look }: { look: Look }) {
	return (
		<li>
			<span class={`cell ${look.class}`} data-mark={look.mark} aria-hidden="true" />
			<span class="words" title={look.words}>{look.words}</span> <strong>{count(look.count)}</strong>
		</li>
	);
}
