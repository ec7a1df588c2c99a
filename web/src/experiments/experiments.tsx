// Experiments: marked spans of a service, to look at and to set side by side.
import '../styles/alerts.css';
import '../styles/settings.css';
import { useState } from 'preact/hooks';
import { type ApiError, get, post } from '../api/client';
import { usePages } from '../api/resource';
import type { Experiment } from '../api/settings';
import type { Page, ServiceRow } from '../api/types';
import { FormError, Line } from '../alerts/fields';
import { type ExperimentsView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { duration, fromInput, when } from '../format/time';
import { mayAct } from '../session/session';
import { act } from '../settings/act';
import { Sure } from '../settings/sure';
import { Dialog } from '../ui/dialog';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { useRowKeys } from '../ui/rows';
import { Empty, Loaded } from '../ui/states';
import { useSteady } from '../ui/steady';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';
import { chartOf, comparisonOf } from './words';

const PAGE = 100;

export function ExperimentsPage({ view }: { view: ExperimentsView }) {
	useTitle(t('Experiments'));
	useRowKeys('experiment');
	const pages = usePages<Experiment>('/experiments', { limit: PAGE }, []);
	const [adding, add] = useState(false);
	const [doomed, drop] = useState<Experiment | null>(null);
	const look = () => void pages.refresh();
	const rows = pages.data.value ?? [];
	useKeys([{ keys: 'b', help: t('Begin an experiment'), group: t('Experiments'), run: () => add(true) }], mayAct());
	return (
		<>
			<header class="page-head"><h1>{t('Experiments')}</h1></header>
			<div class="toolbar">
				{mayAct() ? <button type="button" class="button primary" onClick={() => add(true)}>{t('Begin an experiment…')} <kbd aria-hidden="true">b</kbd></button> : <span />}
				<span class="joined"><Compare rows={rows} pick={view.pick} /><TableMenu name={t('Experiments')} path={`/experiments?limit=${PAGE}`} rows={() => rows} /></span>
			</div>
			<Loaded resource={pages}>{(all) => all.length === 0 ? <Nothing /> : <Table rows={all} pick={view.pick} look={look} drop={drop} />}</Loaded>
			<More pages={pages} />
			{adding && <Begin close={() => { add(false); look(); }} />}
			{doomed && (
				<Sure title={t('Take “{name}” away?', { name: doomed.name.slice(0, 100) })} verb={t('Take away')} danger close={() => drop(null)}
					text={t('Its mark leaves the charts. What was read stays.')}
					does={() => void act(post(`/experiments/${doomed.id}`, { method: 'DELETE' }), t('“{name}” is taken away.', { name: doomed.name.slice(0, 100) }), look).then(() => drop(null))} />
			)}
		</>
	);
}

function Nothing() {
	return (
		<Empty title={t('No experiments yet')}>
			<p>{t('An experiment marks a span of a service, such as ten minutes of load on the old version. It stands on the charts, and two of them can be compared from their beginnings.')}</p>
		</Empty>
	);
}

function Compare({ rows, pick }: { rows: readonly Experiment[]; pick: readonly number[] }) {
	const [a, b] = pick.map((id) => rows.find((r) => r.id === id)).filter((r) => r !== undefined);
	if (rows.length < 2) return null;
	if (!a || !b) return <span class="quiet actions-hint">{t('Tick two to compare them.')}</span>;
	return <a class="button" href={comparisonOf(a, b, now.value)}>{t('Compare the two')}</a>;
}

function Table({ rows, pick, look, drop }: { rows: readonly Experiment[]; pick: readonly number[]; look: () => void; drop: (x: Experiment) => void }) {
	const { shown, chip } = useSteady(rows, pick.length > 0);
	const tick = (id: number) => go(href.experiments({ pick: pick.includes(id) ? pick.filter((p) => p !== id) : [...pick, id].slice(-2) }), { replace: true });
	return (
		<>
			{chip}
			<table class="grid cards experiments">
				<caption class="sr-only">{t('Experiments, newest first')}</caption>
				<thead>
					<tr>
						<th scope="col" class="c-pick"><span class="sr-only">{t('Compare')}</span></th>
						<th scope="col" class="c-name">{t('Experiment')}</th>
						<th scope="col">{t('Service')}</th>
						<th scope="col">{t('When')}</th>
						<th scope="col">{t('By')}</th>
						{mayAct() && <th scope="col"><span class="sr-only">{t('Actions')}</span></th>}
					</tr>
				</thead>
				<tbody>{shown.map((x) => <Row key={x.id} of={x} picked={pick.includes(x.id)} tick={() => tick(x.id)} look={look} drop={() => drop(x)} />)}</tbody>
			</table>
		</>
	);
}

function Row({ of: x, picked, tick, look, drop }: { of: Experiment; picked: boolean; tick: () => void; look: () => void; drop: () => void }) {
	const name = <span class="sr-only">: {x.name.slice(0, 100)}</span>;
	return (
		<tr data-row data-experiment={x.id} class={picked ? 'picked' : ''}>
			<td class="c-pick"><input type="checkbox" aria-label={t('Compare {name}', { name: x.name.slice(0, 100) })} checked={picked} onChange={tick} /></td>
			<th scope="row" class="c-name"><a class="row-link clamp" href={chartOf(x, now.value)} title={x.name}>{x.name}</a>{x.note && <p class="summary clamp" title={x.note}>{x.note}</p>}</th>
			<td data-of={t('Service')}><a class="clip" href={href.service(x.service.id)} title={x.service.name}>{x.service.name}</a></td>
			<td data-of={t('When')}>
				{when(x.from_ms, now.value, zone.value)} {x.to_ms === null ? <span class="warn">{t('goes on')}</span> : <>– {when(x.to_ms, now.value, zone.value)}</>}
				<p class="summary">{duration((x.to_ms ?? now.value) - x.from_ms)}</p>
			</td>
			<td data-of={t('By')}><span class="clip" title={x.created_by}>{x.created_by}</span><p class="summary"><Ago ms={x.created_at_ms} /></p></td>
			{mayAct() && (
				<td class="row-actions">
					{x.to_ms === null && <button type="button" class="text-button" onClick={() => void act(post(`/experiments/${x.id}/end`), t('“{name}” has ended.', { name: x.name.slice(0, 100) }), look)}>{t('End now')}{name}</button>}
					<button type="button" class="text-button danger" onClick={drop}>{t('Take away…')}{name}</button>
				</td>
			)}
		</tr>
	);
}

const PAUSE_MS = 200;

function Begin({ close }: { close: () => void }) {
	const [form, put] = useState({ service: '', name: '', note: '', from: '', to: '' });
	const [offers, offer] = useState<readonly string[]>([]);
	const [timer, wait] = useState<ReturnType<typeof setTimeout>>();
	const [error, setError] = useState('');
	const set = (part: Partial<typeof form>) => put({ ...form, ...part });
	const seek = (service: string) => {
		set({ service });
		clearTimeout(timer);
		wait(setTimeout(() => void get<Page<ServiceRow>>(`/services?limit=20&q=${encodeURIComponent(service)}`).then((page) => offer(page.items.map((s) => s.name)), () => {}), PAUSE_MS));
	};
	const moment = (text: string) => (text.trim() ? Math.round(fromInput(text, zone.value)) : undefined);
	const submit = async (event: Event) => {
		event.preventDefault();
		const from_ms = moment(form.from);
		const to_ms = moment(form.to);
		if (Number.isNaN(from_ms) || Number.isNaN(to_ms)) return setError(t('Give times as in 2026-11-23 14:30.'));
		try {
			await post('/experiments', { body: { service: form.service.trim(), name: form.name.trim(), note: form.note.trim(), from_ms, to_ms } });
			toast(to_ms === undefined ? t('“{name}” has begun.', { name: form.name }) : t('“{name}” is noted.', { name: form.name }));
			close();
		} catch (e) {
			setError((e as ApiError).message);
		}
	};
	return (
		<Dialog title={t('Begin an experiment')} close={close} wide>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<Line label={t('Service')} name="service" value={form.service} set={seek} offers={offers} max={256} required focus />
				<Line label={t('Name')} name="name" value={form.name} set={(name) => set({ name })} max={200} required placeholder={t('load of 40/s on the old version')} />
				<label>{t('Note')}<textarea name="note" rows={3} maxLength={4000} value={form.note} onInput={(e) => set({ note: e.currentTarget.value })} /></label>
				<div class="pair">
					<Line label={t('From')} name="from" value={form.from} set={(from) => set({ from })} max={20} placeholder={t('now')} help={rich('Empty: now. As in {example}', { example: '2026-11-23 14:30' })} />
					<Line label={t('To')} name="to" value={form.to} set={(to) => set({ to })} max={20} placeholder={t('it goes on')} help={t('Empty: until somebody ends it')} />
				</div>
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Begin')}</button>
				</div>
			</form>
		</Dialog>
	);
}
