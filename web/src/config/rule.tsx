// Which hosts belong to a group, and how a change reaches them; with the hosts that the rule fits
// while it is written.
import { useEffect, useState } from 'preact/hooks';
import { type ApiError, get, post, query } from '../api/client';
import type { ConfigGroup, ConfigGroupWish, ConfigPreview } from '../api/config';
import { touch } from '../api/resource';
import { Field, FormError, Line } from '../alerts/fields';
import { MINUTE, duration } from '../format/time';
import { labelText, readLabels } from '../hosts/typed';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { t } from '../words/words';
import { ruleText } from './words';

const PAUSE_MS = 200;
const SHOWN = 8;
const MIB = 1 << 20;
const SOAKS = [MINUTE, 5 * MINUTE, 10 * MINUTE, 30 * MINUTE, 60 * MINUTE, 6 * 60 * MINUTE, 24 * 60 * MINUTE];
const NEW: ConfigGroupWish = { name: '', position: 100, host: '', labels: {}, canary_hosts: 1, part_pct: 25, soak_s: 600, automatic: true, silent_s: 180, cpu_pct: 5, rss_bytes: 64 * MIB };

function wishOf(g: ConfigGroup): ConfigGroupWish {
	const { name, position, host, labels, canary_hosts, part_pct, soak_s, automatic, silent_s, cpu_pct, rss_bytes } = g;
	return { name, position, host, labels, canary_hosts, part_pct, soak_s, automatic, silent_s, cpu_pct, rss_bytes };
}

/** null: a new one. */
export function GroupDialog({ group, close, done }: { group: ConfigGroup | null; close: () => void; done: (group: ConfigGroup) => void }) {
	const [form, put] = useState<ConfigGroupWish>(() => (group ? wishOf(group) : NEW));
	const [labels, setLabels] = useState(() => labelText(group?.labels ?? {}));
	const [theirs, see] = useState<ConfigGroup | null>(null);
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const set = (part: Partial<ConfigGroupWish>) => put((f) => ({ ...f, ...part }));
	const read = readLabels(labels.replaceAll(',', '\n'));
	const submit = async (event: Event) => {
		event.preventDefault();
		if ('wrong' in read) return setError(read.wrong);
		if (busy) return;
		setBusy(true);
		try {
			const body = { ...form, name: form.name.trim(), host: form.host?.trim() ?? '', labels: read.labels };
			const known = theirs ?? group;
			const made = known ? await post<ConfigGroup>(`/config/groups/${known.id}`, { method: 'PUT', body, revision: known.revision })
				: await post<ConfigGroup>('/config/groups', { body });
			touch(['config']);
			toast(known ? t('{name} is changed.', { name: made.name }) : t('{name} is made: say what it is to be told.', { name: made.name }));
			close();
			return done(made);
		} catch (e) {
			const { status, message } = e as ApiError;
			const now = status === 412 && group ? await get<ConfigGroup>(`/config/groups/${group.id}`).catch(() => null) : null;
			if (now) see(now);
			setError(now ? '' : message);
		}
		setBusy(false);
	};
	const figure = (label: string, name: 'position' | 'canary_hosts' | 'part_pct' | 'silent_s' | 'cpu_pct', min: number, max: number, help: string, step: number | 'any' = 1) => (
		<Field label={label} help={help}>
			<input name={name} type="number" required min={min} max={max} step={step} value={form[name]} onInput={(e) => set({ [name]: Number(e.currentTarget.value) })} />
		</Field>
	);
	return (
		<Dialog title={group ? t('Change {name}', { name: group.name.slice(0, 100) }) : t('New group of agents')} close={close} wide>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<div class="pair">
					<Line label={t('Name')} name="name" value={form.name} set={(name) => set({ name })} max={100} required focus placeholder={t('production')} />
					{figure(t('Order'), 'position', 1, 1_000_000, t('Of the rules that fit a host the smallest wins'))}
				</div>
				<div class="pair">
					<Line label={t('Names of hosts')} name="host" value={form.host ?? ''} set={(host) => set({ host })} max={200} placeholder={t('any')} help={t('A name, or with * for anything: web-*')} />
					<Line label={t('Labels')} name="labels" value={labels} set={setLabels} placeholder={t('any')} help={t('All must fit: env=prod*, zone=eu-1')} />
				</div>
				{'wrong' in read ? <p class="form-error">{read.wrong}</p> : <Preview host={form.host?.trim() ?? ''} labels={labelText(read.labels).replaceAll(', ', ',')} position={form.position} group={group?.id} />}
				<fieldset class="plan">
					<legend>{t('How a change reaches them')}</legend>
					<div class="pair">
						{figure(t('Canary hosts'), 'canary_hosts', 1, 1000, t('told first'))}
						{figure(t('A part, %'), 'part_pct', 1, 100, t('told next, of all hosts'))}
					</div>
					<Field label={t('A stage must be well for')} help={t('since all that were told have acknowledged')}>
						<select name="soak" value={form.soak_s} onChange={(e) => set({ soak_s: Number(e.currentTarget.value) })}>
							{[...new Set([...SOAKS.map((ms) => ms / 1000), form.soak_s])].sort((a, b) => a - b).map((s) => <option key={s} value={s}>{duration(s * 1000)}</option>)}
						</select>
					</Field>
					<label class="tick">
						<input type="checkbox" name="automatic" checked={form.automatic} onChange={(e) => set({ automatic: e.currentTarget.checked })} />
						<span>{t('Goes on to the next stage by itself')} <span class="quiet">{t('Otherwise somebody promotes it.')}</span></span>
					</label>
				</fieldset>
				<fieldset class="plan">
					<legend>{t('It goes back by itself when an agent')}</legend>
					<div class="triple">
						{figure(t('is silent for, s'), 'silent_s', 10, 86_400, t('or three readings long'))}
						{figure(t('takes, % of a core'), 'cpu_pct', 0.1, 100, t('and half more than before'), 'any')}
						<Field label={t('takes, MiB')} help={t('and half more than before')}>
							<input name="rss" type="number" required min={8} max={1024} value={Math.round(form.rss_bytes / MIB)} onInput={(e) => set({ rss_bytes: Number(e.currentTarget.value) * MIB })} />
						</Field>
					</div>
				</fieldset>
				{theirs && (
					<p class="conflict" role="alert">
						<strong>{t('It has changed since you saw it.')}</strong> {t('Now: {name}, {rule}.', { name: theirs.name, rule: ruleText(theirs) })}{' '}
						{t('Send it again if it is still what you want.')}
					</p>
				)}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy}>{group ? t('Change') : t('Make')}</button>
				</div>
			</form>
		</Dialog>
	);
}

function Preview(of: { host: string; labels: string; position: number; group: number | undefined }) {
	const [answer, set] = useState<{ preview?: ConfigPreview; error?: string }>({});
	const path = `/config/preview${query(of)}`;
	useEffect(() => {
		let over = false;
		const timer = setTimeout(() => {
			get<ConfigPreview>(path).then((preview) => over || set({ preview }), (e: ApiError) => over || set({ error: e.message }));
		}, PAUSE_MS);
		return () => { over = true; clearTimeout(timer); };
	}, [path]);
	const p = answer.preview;
	return (
		<section class="preview" aria-live="polite" aria-label={t('Hosts that the rule fits now')}>
			{answer.error ? <p class="form-error">{said(answer.error)}</p> : !p ? <p class="quiet">{t('Looking…')}</p> : (
				<>
					<p><strong>{t('{n, plural, =0 {Fits no host} one {Fits # host} other {Fits # hosts}} now', { n: p.hosts })}</strong>{p.taken > 0 && <>{'; '}{t('of them {n, plural, one {# stays} other {# stay}} with an earlier rule', { n: p.taken })}</>}</p>
					<ul>
						{p.items.slice(0, SHOWN).map((h) => <li key={h.id}><span class="clip" title={h.name}>{h.name}</span> <span class="quiet clip">{h.group ? t('now in {group}', { group: h.group.name }) : t('now in no group')}{!h.fits && <> · {t('stays there')}</>}</span></li>)}
						{p.hosts > SHOWN && <li class="quiet">{t('and {n} more', { n: p.hosts - Math.min(SHOWN, p.items.length) })}</li>}
					</ul>
				</>
			)}
		</section>
	);
}
