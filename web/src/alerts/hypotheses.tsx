// What could be the cause, how each was tested, and what came of it: Tidemark's rows from the
// data, and people's own.
import { useState } from 'preact/hooks';
import { type ApiError, get, post } from '../api/client';
import { touch, useResource } from '../api/resource';
import type { Alert, Hypothesis, HypothesisVerdict, Page } from '../api/types';
import { mayAct } from '../session/session';
import { Dialog } from '../ui/dialog';
import { Failure } from '../ui/states';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { FormError, Line } from './fields';
import { quietly } from './steps';

const VERDICTS: readonly HypothesisVerdict[] = ['confirmed', 'likely', 'open', 'unlikely', 'refuted', 'no-data'];

const WORDS: Record<HypothesisVerdict, string> = {
	confirmed: t('confirmed'), likely: t('likely'), unlikely: t('unlikely'), refuted: t('refuted'), open: t('open'), 'no-data': t('no data'),
};

const SIGNS: Record<HypothesisVerdict, string> = { confirmed: '✔', likely: '▲', unlikely: '▽', refuted: '✕', open: '?', 'no-data': '–' };

/** null: somebody's new one. */
type Edited = Hypothesis | null;

export function Hypotheses({ alert }: { alert: Alert }) {
	const path = `/alerts/${alert.id}/hypotheses`;
	const known = useResource<Page<Hypothesis>>(path, ['alerts', 'verdicts']);
	const [editing, edit] = useState<{ of: Edited } | null>(null);
	const rows = known.data.value?.items;
	const error = known.error.value;
	return (
		<section class="part">
			<div class="toolbar part-bar">
				<h2>{t('Hypotheses')}</h2>
				{mayAct() && <button type="button" class="button" onClick={() => edit({ of: null })}>{t('Add a hypothesis…')}</button>}
			</div>
			{!rows && error && <Failure error={error} retry={() => void known.refresh()} />}
			{rows?.length === 0 && <p class="quiet">{t('None yet: the next judgement of this service fills in what the data says.')}</p>}
			{rows && rows.length > 0 && <Table rows={rows} edit={(of) => edit({ of })} />}
			{editing && <HypothesisDialog alert={alert} of={editing.of} path={path} close={() => edit(null)} />}
		</section>
	);
}

function Table({ rows, edit }: { rows: readonly Hypothesis[]; edit: (of: Hypothesis) => void }) {
	return (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Hypotheses')}>
			<table class="grid hypotheses">
				<thead>
					<tr>
						<th scope="col">{t('Cause')}</th>
						<th scope="col">{t('How tested')}</th>
						<th scope="col">{t('Result')}</th>
						<th scope="col">{t('Verdict')}</th>
						<th scope="col">{t('Remark')}</th>
						{mayAct() && <th scope="col"><span class="sr-only">{t('Actions')}</span></th>}
					</tr>
				</thead>
				<tbody>{rows.map((h) => <Row key={h.key ?? h.id} of={h} edit={edit} />)}</tbody>
			</table>
		</div>
	);
}

function Row({ of: h, edit }: { of: Hypothesis; edit: (of: Hypothesis) => void }) {
	const own = h.id === null;
	const say = (text: string) => (own ? said(text) : text);
	return (
		<tr>
			<th scope="row">{say(h.cause)}<p class="summary">{own ? t('Tidemark') : rich('{author}, {ago}', { author: h.author ?? t('somebody'), ago: <Ago ms={h.changed_at_ms} /> })}</p></th>
			<td>{say(h.test)}</td>
			<td>{say(h.result)}</td>
			<td><HypothesisBadge verdict={h.verdict} /></td>
			<td>
				{h.remark && <p class="remark">{h.remark}</p>}
				{own && h.author && <p class="summary">{rich('{author}, {ago}', { author: h.author, ago: <Ago ms={h.changed_at_ms} /> })}</p>}
			</td>
			{mayAct() && (
				<td class="row-actions">
					<button type="button" class="text-button" onClick={() => edit(h)}>
						{own ? t('Remark…') : t('Edit…')}<span class="sr-only">: {say(h.cause).slice(0, 100)}</span>
					</button>
					{!own && <button type="button" class="text-button danger" onClick={() => void quietly(remove(h))}>{t('Delete')}<span class="sr-only">: {say(h.cause).slice(0, 100)}</span></button>}
				</td>
			)}
		</tr>
	);
}

export function HypothesisBadge({ verdict }: { verdict: HypothesisVerdict }) {
	return <span class={`hypothesis h-${verdict}`}><span aria-hidden="true">{SIGNS[verdict] ?? '?'}</span> {WORDS[verdict] ?? verdict}</span>;
}

type Words = Pick<Hypothesis, 'cause' | 'test' | 'result' | 'verdict' | 'remark'>;

async function remove(h: Hypothesis): Promise<void> {
	await post(`/hypotheses/${h.id}`, { method: 'DELETE', revision: h.revision });
	touch(['alerts']);
	toast(t('Deleted: {cause}.', { cause: h.cause.slice(0, 80) }));
}

function send(alert: Alert, of: Edited, words: Words): Promise<Hypothesis> {
	if (!of) return post<Hypothesis>(`/alerts/${alert.id}/hypotheses`, { body: words });
	const [path, body] = of.id === null ? [`/alerts/${alert.id}/hypotheses/${encodeURIComponent(of.key ?? '')}`, { remark: words.remark }]
		: [`/hypotheses/${of.id}`, words];
	return post<Hypothesis>(path, { method: 'PUT', body, revision: of.revision });
}

function HypothesisDialog({ alert, of, path, close }: { alert: Alert; of: Edited; path: string; close: () => void }) {
	const own = of !== null && of.id === null;
	const [words, put] = useState<Words>({ cause: of?.cause ?? '', test: of?.test ?? '', result: of?.result ?? '', verdict: of?.verdict ?? 'open', remark: of?.remark ?? '' });
	const [theirs, see] = useState<Hypothesis | null>(null);
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<Words>) => put({ ...words, ...part });
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy || words.cause.trim() === '') return;
		setBusy(true);
		setError('');
		try {
			await send(alert, theirs ?? of, words);
			touch(['alerts']);
			close();
		} catch (e) {
			const failed = e as ApiError;
			const now = failed.status === 412 ? await get<Page<Hypothesis>>(path).catch(() => null) : null;
			const found = now?.items.find((h) => h.id === of?.id && h.key === of?.key) ?? null;
			see(found);
			setError(failed.status === 412 ? found ? '' : t('Somebody deleted it meanwhile. What you wrote is still here: copy it, or add it as a new one.') : failed.message);
		}
		setBusy(false);
	};
	const title = !of ? t('A hypothesis') : own ? t('Remark on: {cause}', { cause: said(of.cause) }) : t('Edit: {cause}', { cause: of.cause });
	return (
		<Dialog title={title} close={close} wide>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				{!own && (
					<>
						<Line label={t('Cause')} name="cause" value={words.cause} set={(cause) => set({ cause })} max={500} focus required placeholder={t('Listeners of the monitor queue are never removed')} />
						<Line label={t('How tested')} name="test" value={words.test} set={(test) => set({ test })} max={1000} placeholder={t('Two snapshots an hour apart')} />
						<Line label={t('Result')} name="result" value={words.result} set={(result) => set({ result })} max={1000} />
						<label>
							{t('Verdict')}
							<select name="verdict" value={words.verdict} onChange={(e) => set({ verdict: e.currentTarget.value as HypothesisVerdict })}>
								{VERDICTS.map((v) => <option key={v} value={v}>{WORDS[v]}</option>)}
							</select>
						</label>
					</>
				)}
				<label>
					{t('Remark')}
					<textarea name="remark" rows={3} maxLength={4000} value={words.remark} autoFocus={own} onInput={(e) => set({ remark: e.currentTarget.value })} />
				</label>
				{theirs && <Theirs of={theirs} own={own} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy || words.cause.trim() === ''}>{t('Save')}</button>
				</div>
			</form>
		</Dialog>
	);
}

/** What somebody else wrote meanwhile. */
function Theirs({ of: h, own }: { of: Hypothesis; own: boolean }) {
	return (
		<div class="conflict" role="alert">
			<p><strong>{t('It has changed since you saw it.')}</strong> {rich('{author}, {ago}', { author: h.author ?? 'Tidemark', ago: <Ago ms={h.changed_at_ms} /> })}</p>
			<ul>
				{!own && <li>{h.cause} · {h.test} · {h.result} · {WORDS[h.verdict]}</li>}
				<li>{h.remark || <span class="quiet">{t('no remark')}</span>}</li>
			</ul>
			<p>{t('Saving again puts yours in its place; nothing you typed is lost.')}</p>
		</div>
	);
}
