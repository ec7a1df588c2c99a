// What a group is told, setting by setting, of a closed list; what a draft would change; and the
// form that makes one.
import { useState } from 'preact/hooks';
import { type ApiError, post } from '../api/client';
import type { ConfigGroup, ConfigRevision, ConfigSetting, ConfigSettings } from '../api/config';
import { touch, usePages } from '../api/resource';
import { FormError, Line } from '../alerts/fields';
import { href } from '../app/address';
import { go } from '../app/router';
import { mayActOnAll } from '../session/session';
import { Loaded } from '../ui/states';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { t } from '../words/words';
import { choicesOf, changes, wrong } from './words';

/** "interval: 10s → 5s", a line each. */
export function Changes({ before, after }: { before: ConfigSettings; after: ConfigSettings }) {
	const all = changes(before, after);
	if (all.length === 0) return <p class="quiet">{t('It changes nothing.')}</p>;
	return (
		<ul class="changes-list">
			{all.map((c) => (
				<li key={c.name}>
					<code>{c.name}</code>{' '}
					<del>{value(c.before)}</del> <span aria-hidden="true">→</span><span class="sr-only">{t('becomes')}</span> <ins>{value(c.after)}</ins>
				</li>
			))}
		</ul>
	);
}

function value(text: string | undefined): string {
	return text === undefined ? t('own file') : text === '' ? t('nothing') : text;
}

export function SettingsPart({ group }: { group: ConfigGroup }) {
	const pages = usePages<ConfigSetting>('/config/settings', {}, []);
	const now = group.rollout ?? group.good;
	return <Loaded resource={pages}>{(settings) => <Form key={`${group.draft?.id ?? 0}-${now?.id ?? 0}`} group={group} settings={settings} now={now} />}</Loaded>;
}

function Form({ group, settings, now }: { group: ConfigGroup; settings: readonly ConfigSetting[]; now: ConfigRevision | null }) {
	const told = now?.settings ?? {};
	const [form, put] = useState<ConfigSettings>(group.draft?.settings ?? told);
	const [note, setNote] = useState(group.draft?.note ?? '');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const bad = settings.filter((s) => form[s.name] !== undefined && wrong(s, form[s.name] as string) !== '');
	const all = changes(told, form);
	const set = (name: string, text: string | undefined) => put((f) => {
		const { [name]: _, ...rest } = f;
		return text === undefined ? rest : { ...rest, [name]: text };
	});
	const submit = async (event: Event) => {
		event.preventDefault();
		if (busy || bad.length > 0) return;
		setBusy(true);
		try {
			const made = await post<ConfigRevision>(`/config/groups/${group.id}/revisions`, { body: { settings: form, note: note.trim() } });
			toast(t('Revision {id} waits to be rolled out.', { id: `#${made.id}` }));
			touch(['config']);
			go(href.group(group.id));
		} catch (e) {
			setError((e as ApiError).message);
			setBusy(false);
		}
	};
	return (
		<form class="settings-form" onSubmit={(e) => void submit(e)}>
			<p class="quiet">{t('What is not set here stays with the hosts’ own files, and what stands there wins over what is set here. This list is all that the centre can ever set.')}</p>
			<table class="grid cards config-settings">
				<caption class="sr-only">{t('Settings')}</caption>
				<thead>
					<tr>
						<th scope="col" class="c-name">{t('Setting')}</th>
						<th scope="col">{t('Is told')}</th>
						<th scope="col">{mayActOnAll() ? t('Is to be told') : t('Draft')}</th>
						<th scope="col">{t('Default')}</th>
					</tr>
				</thead>
				<tbody>{settings.map((s) => <Row key={s.name} setting={s} told={told[s.name]} text={form[s.name]} set={(text) => set(s.name, text)} />)}</tbody>
			</table>
			{mayActOnAll() && (
				<section class="change-bar" aria-label={t('What it would change')}>
					<div aria-live="polite">
						<h2>{all.length === 0 ? t('Nothing is changed') : t('{n, plural, one {# setting changes} other {# settings change}} on {hosts, plural, one {# host} other {# hosts}}', { n: all.length, hosts: group.hosts })}</h2>
						{all.length > 0 && <Changes before={told} after={form} />}
					</div>
					{all.length > 0 && (
						<div class="fields">
							<Line label={t('Why')} name="note" value={note} set={setNote} max={500} placeholder={t('closer while we look for the leak')} />
							<FormError text={error} />
							<div class="row-buttons">
								<button type="submit" class="button primary" disabled={busy || bad.length > 0}>{t('Make it a draft')}</button>
								<button type="button" class="button" onClick={() => { put(told); setError(''); }}>{t('Undo all')}</button>
							</div>
						</div>
					)}
				</section>
			)}
		</form>
	);
}

function Row({ setting: s, told, text, set }: { setting: ConfigSetting; told: string | undefined; text: string | undefined; set: (text: string | undefined) => void }) {
	const problem = text === undefined ? '' : wrong(s, text);
	const changed = text !== told;
	const id = `setting-${s.name}`;
	return (
		<tr data-row class={changed ? 'changed' : ''}>
			<th scope="row" class="c-name">
				<code>{s.name}</code>
				<p class="summary" id={`${id}-help`}>{said(s.help)}{s.bounds && s.kind !== 'word' && <> · {t('from {bounds}', { bounds: s.bounds })}</>}</p>
				{s.consent && <p class="summary warn">{t('A host takes it only when its own file names it in “central”.')}</p>}
			</th>
			<td data-of={t('Is told')}>{told === undefined ? <span class="quiet">{t('own file')}</span> : <code>{told === '' ? t('nothing') : told}</code>}</td>
			<td data-of={mayActOnAll() ? t('Is to be told') : t('Draft')}>
				{mayActOnAll() ? (
					<span class="setting-input">
						<Input id={id} setting={s} text={text} set={set} invalid={problem !== ''} />
						{text !== undefined && <button type="button" class="text-button" onClick={() => set(undefined)}>{t('Leave it')}<span class="sr-only">: {s.name}</span></button>}
						{problem && <p class="form-error" id={`${id}-wrong`}>{problem}</p>}
					</span>
				) : text === undefined ? <span class="quiet">{t('own file')}</span> : <code>{text === '' ? t('nothing') : text}</code>}
			</td>
			<td data-of={t('Default')}><code>{s.default === '' ? t('nothing') : s.default}</code></td>
		</tr>
	);
}

function Input({ id, setting: s, text, set, invalid }: { id: string; setting: ConfigSetting; text: string | undefined; set: (text: string | undefined) => void; invalid: boolean }) {
	const choices = choicesOf(s);
	const shared = { name: s.name, 'aria-label': s.name, 'aria-describedby': invalid ? `${id}-help ${id}-wrong` : `${id}-help`, 'aria-invalid': invalid };
	if (choices.length > 0)
		return (
			<select {...shared} value={text ?? ''} onChange={(e) => set(e.currentTarget.value || undefined)}>
				<option value="">{t('own file')}</option>
				{choices.map((c) => <option key={c} value={c}>{c}</option>)}
			</select>
		);
	// Of a list an empty field says “none”: it is told only when somebody has typed there.
	return <input {...shared} value={text ?? ''} maxLength={400} spellcheck={false} autocomplete="off" placeholder={text === undefined ? t('own file') : t('nothing')}
		onInput={(e) => set(e.currentTarget.value === '' && s.kind !== 'list' ? undefined : e.currentTarget.value)} />;
}
