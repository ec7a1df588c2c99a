// What is compared: a card for each selection.
import { usePages, useResource } from '../api/resource';
import type { FingerprintRow, Instance, Service, ServiceRow, VersionRow } from '../api/types';
import { SELECTIONS_MAX, type Selection } from '../app/address';
import { DAY } from '../format/time';
import { t } from '../words/words';
import { Mark } from './mark';
import { offsetWords } from './words';

const MANY = 200;
const OFFSETS = [0, DAY, 7 * DAY];

interface Props {
	selections: readonly Selection[];
	choose: (selections: Selection[]) => void;
}

export function Pickers({ selections, choose }: Props) {
	const put = (i: number, s: Selection | null) =>
		choose(s ? Object.assign([...selections], { [i]: s }) : selections.filter((_, k) => k !== i));
	const lead = (i: number) => choose([selections[i] as Selection, ...selections.filter((_, k) => k !== i)]);
	// The second is asked for until it is there; further ones when they are wanted.
	const open = Math.max(2, selections.length);
	return (
		<section class="compare-cards" aria-label={t('What is compared')}>
			{Array.from({ length: open }, (_, i) => (
				<Card key={i} index={i} of={selections[i]} like={selections[0]} put={(s) => put(i, s)} lead={() => lead(i)} />
			))}
			{selections.length >= 2 && selections.length < SELECTIONS_MAX && (
				<button type="button" class="button compare-add" onClick={() => put(selections.length, { ...selections[0] as Selection, offset: unused(selections) })}>
					{t('Add a selection')}
				</button>
			)}
		</section>
	);
}

/** The first again, at a time that is not there yet. */
function unused(selections: readonly Selection[]): number {
	return OFFSETS.find((o) => !selections.some((s) => (s.offset ?? 0) === o)) ?? 14 * DAY;
}

/** All that ever ran, the newest first; those of today where nothing else is known. */
function useVersions(service: number): readonly Pick<VersionRow, 'id' | 'version' | 'label'>[] {
	const all = usePages<FingerprintRow>(`/services/${service}/fingerprints`, { limit: MANY }, []).data.value ?? [];
	const today = useResource<Service>(`/services/${service}`, []).data.value?.versions ?? [];
	return [...all, ...today.filter((v) => !all.some((f) => f.id === v.id))];
}

function Card({ index, of, like, put, lead }: {
	index: number;
	of: Selection | undefined;
	like: Selection | undefined;
	put: (s: Selection | null) => void;
	lead: () => void;
}) {
	return (
		<fieldset class="compare-card">
			<legend><Mark index={index} /> {index === 0 ? t('Compared with') : t('Beside it')}</legend>
			<ServicePick chosen={of?.service} choose={(service) => put({ service, ...(of?.offset ? { offset: of.offset } : {}) })} />
			{of && <Parts of={of} put={put} />}
			{!of && like && <Suggestions like={like} put={put} />}
			{of && index > 0 && (
				<div>
					<button type="button" class="text-button" onClick={lead}>{t('Put first')}</button>
					<button type="button" class="text-button" onClick={() => put(null)}>{t('Take away')}</button>
				</div>
			)}
		</fieldset>
	);
}

function ServicePick({ chosen, choose }: { chosen: number | undefined; choose: (service: number) => void }) {
	const stored = usePages<ServiceRow>('/services', { limit: MANY }, []).data.value ?? [];
	// One that is far down the list is known by its own page.
	const own = useResource<Service>(chosen ? `/services/${chosen}` : '/services?limit=1', []).data.value;
	const rows = !chosen || stored.some((s) => s.id === chosen) || !own?.name ? stored : [own, ...stored];
	const byName = [...rows].sort((a, b) => a.name.localeCompare(b.name));
	return (
		<label class="picker">
			<span>{t('Service')}</span>
			<select value={chosen ?? ''} onChange={(e) => choose(Number(e.currentTarget.value))}>
				{!chosen && <option value="" disabled selected>{t('Choose a service…')}</option>}
				{chosen && !rows.some((s) => s.id === chosen) && <option value={chosen} selected>{`#${chosen}`}</option>}
				{byName.map((s) => <option key={s.id} value={s.id} selected={s.id === chosen}>{s.name}</option>)}
			</select>
		</label>
	);
}

/** What of the service, and when. */
function Parts({ of, put }: { of: Selection; put: (s: Selection) => void }) {
	const versions = useVersions(of.service);
	const instances = usePages<Instance>(`/services/${of.service}/instances`, { limit: MANY }, []).data.value ?? [];
	const hosts = [...new Map(instances.map((i) => [i.host.id, i.host.name]))];
	const offset = of.offset ?? 0;
	const where = of.instance ? `instance:${of.instance}` : of.host ? `host:${of.host}` : '';
	const chooseWhere = (text: string) => {
		const [kind, id] = text.split(':');
		put({ ...of, host: kind === 'host' ? Number(id) : null, instance: kind === 'instance' ? Number(id) : null });
	};
	return (
		<>
			<label class="picker">
				<span>{t('Version')}</span>
				<select value={of.version ?? ''} onChange={(e) => put({ ...of, version: Number(e.currentTarget.value) || null })}>
					<option value="">{t('any')}</option>
					{of.version && !versions.some((v) => v.id === of.version) && <option value={of.version}>{`#${of.version}`}</option>}
					{versions.map((v) => <option key={v.id} value={v.id} selected={v.id === of.version}>{v.label || v.version || t('unknown version')}</option>)}
				</select>
			</label>
			<label class="picker">
				<span>{t('Where')}</span>
				<select value={where} onChange={(e) => chooseWhere(e.currentTarget.value)}>
					<option value="">{t('everywhere')}</option>
					{where && !hosts.some(([id]) => where === `host:${id}`) && !instances.some((i) => where === `instance:${i.id}`) && <option value={where}>{where}</option>}
					<optgroup label={t('Host')}>{hosts.map(([id, name]) => <option key={id} value={`host:${id}`} selected={where === `host:${id}`}>{name}</option>)}</optgroup>
					<optgroup label={t('Instance')}>{instances.map((i) => (
						<option key={i.id} value={`instance:${i.id}`} selected={where === `instance:${i.id}`}>{`${i.host.name} #${i.ordinal}`}</option>
					))}</optgroup>
				</select>
			</label>
			<label class="picker">
				<span>{t('When')}</span>
				<select value={offset} onChange={(e) => put({ ...of, offset: Number(e.currentTarget.value) })}>
					{[...new Set([...OFFSETS, offset])].map((o) => <option key={o} value={o} selected={o === offset}>{o ? offsetWords(o) : t('in the span')}</option>)}
				</select>
			</label>
		</>
	);
}

/** What is most often wanted beside the first. */
function Suggestions({ like, put }: { like: Selection; put: (s: Selection) => void }) {
	const others = useVersions(like.service).filter((v) => v.id !== like.version).slice(0, 3);
	return (
		<div class="compare-suggest">
			<span class="quiet">{t('or the same')}</span>
			{OFFSETS.slice(1).map((offset) => (
				<button type="button" class="text-button" key={offset} onClick={() => put({ ...like, offset })}>{offsetWords(offset)}</button>
			))}
			{others.map((v) => (
				<button type="button" class="text-button clip" key={v.id} title={v.label} onClick={() => put({ service: like.service, version: v.id })}>
					{t('in {version}', { version: v.label || v.version || t('unknown version') })}
				</button>
			))}
		</div>
	);
}
