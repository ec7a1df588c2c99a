// The dialog of a step: for one alert or for many, with one comment.
import { useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import type { Alert, AlertEvent, AlertRow, StepAnswers } from '../api/types';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { growth } from '../format/number';
import { session } from '../session/session';
import { Dialog } from '../ui/dialog';
import { t } from '../words/words';
import { Conflict } from './conflict';
import { FormError, Line, UntilField } from './fields';
import { untilChoices, untilMs } from './moments';
import { type Said, meanwhile, take, takeAll } from './steps';
import { alertName, archivedUntil } from './words';

export type Asked = 'acknowledge' | 'assign' | 'archive' | 'resolve' | 'reopen';

export interface StepProps {
	step: Asked;
	alerts: readonly AlertRow[];
	close: () => void;
	/** Of one alert: how it is after the step. */
	changed?: (after: Alert) => void;
	/** Of many: what became of each. */
	answered?: (answers: StepAnswers) => void;
	/** Versions that the service is known to have. */
	versions?: readonly string[];
	/** A version to begin with. */
	version?: string;
}

export interface Form {
	note: string;
	owner: string;
	until: string;
	own: string;
	above: string;
	hosts: string;
	version: string;
}

const MIB = 1024;

export function StepDialog({ step, alerts, close, changed, answered, versions = [], version = '' }: StepProps) {
	const [form, put] = useState<Form>(() => begin(step, alerts, version));
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const [seen, see] = useState<{ alert: Alert; events: AlertEvent[] } | null>(null);
	const set = (part: Partial<Form>) => put({ ...form, ...part });
	const said = saidBy(step, form, now.value);
	const submit = async (event: Event) => {
		event.preventDefault();
		if (!said || busy) return;
		setBusy(true);
		setError('');
		try {
			const [only] = alerts;
			if (alerts.length === 1 && only) await take(step, seen?.alert ?? only, said, changed);
			else answered?.(await takeAll(step, alerts, said));
			close();
		} catch (e) {
			const failed = e as ApiError;
			const now = failed.status === 412 && alerts[0] ? await meanwhile(seen?.alert ?? alerts[0]).catch(() => null) : null;
			if (now) see(now);
			else setError(failed.message);
		}
		setBusy(false);
	};
	return (
		<Dialog title={title(step, alerts)} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<Fields step={step} alerts={alerts} form={form} set={set} versions={versions} />
				{seen && <Conflict events={seen.events} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy || !said}>{verb(step)}</button>
				</div>
			</form>
		</Dialog>
	);
}

function begin(step: Asked, alerts: readonly AlertRow[], version: string): Form {
	const me = session.value?.user ?? '';
	const owner = step === 'acknowledge' ? me : alerts[0]?.owner ?? me;
	return { note: '', owner, until: step === 'archive' ? '7d' : '', own: '', above: '', hosts: '', version };
}

/** What the form says; null while it says too little. Pure but for the zone. */
export function saidBy(step: Asked, form: Form, at: number): Said | null {
	const note = form.note.trim() ? { note: form.note.trim() } : {};
	const until = untilMs(form.until, form.own, at, zone.value);
	if (Number.isNaN(until)) return null;
	const until_ms = until === null ? {} : { until_ms: until };
	if (step === 'acknowledge') return { ...note, ...until_ms, ...(form.owner.trim() ? { owner: form.owner.trim() } : {}) };
	if (step === 'assign') return { owner: form.owner.trim() || null };
	if (step === 'resolve') return { ...note, ...(form.version.trim() ? { version: form.version.trim() } : {}) };
	if (step === 'reopen') return note;
	const above = number(form.above);
	const hosts = number(form.hosts);
	if (Number.isNaN(above) || Number.isNaN(hosts) || (until === null && above === null && hosts === null)) return null;
	return { ...note, ...until_ms, ...(above === null ? {} : { above_kb_h: Math.round(above * MIB) }),
		...(hosts === null ? {} : { above_hosts: Math.round(hosts) }) };
}

/** null: nothing was typed; NaN: that is no positive number. */
function number(text: string): number | null {
	if (text.trim() === '') return null;
	const value = Number(text.trim().replace(',', '.'));
	return value > 0 ? value : Number.NaN;
}

function Fields({ step, alerts, form, set, versions }: {
	step: Asked;
	alerts: readonly AlertRow[];
	form: Form;
	set: (part: Partial<Form>) => void;
	versions: readonly string[];
}) {
	const me = session.value?.user ?? '';
	const owners = [...new Set([me, ...alerts.flatMap((a) => a.owner ?? [])])];
	const until = (choice: string, own: string) => set({ until: choice, own });
	const comment = <Line label={t('Comment')} value={form.note} set={(note) => set({ note })} focus={step !== 'resolve' && step !== 'assign'} name="note"
		placeholder={t('What is known, what is tried')} />;
	if (step === 'assign') return <Line label={t('Owner')} name="owner" value={form.owner} set={(owner) => set({ owner })} offers={owners} focus max={64} help={t('Empty: nobody')} />;
	if (step === 'reopen') return comment;
	if (step === 'acknowledge') return (
		<>
			{comment}
			<Line label={t('Owner')} name="owner" value={form.owner} set={(owner) => set({ owner })} offers={owners} max={64} />
			<UntilField label={t('Stays acknowledged')} none={t('until it is resolved')} choices={untilChoices()}
				choice={form.until} own={form.own} set={until} />
		</>
	);
	if (step === 'archive') return <Archive alerts={alerts} form={form} set={set}>{comment}</Archive>;
	return (
		<>
			<Line label={t('Fixed in version')} name="version" value={form.version} set={(version) => set({ version })} offers={versions}
				focus max={200} placeholder={t('2.0.1')}
				help={t('Need not exist yet. The alert is verified once hosts have run it long enough without the growth, and comes back as regressed if it leaks there.')} />
			{comment}
			{form.version.trim() === '' && <p class="quiet">{t('Without a version it comes back wherever the growth is seen again.')}</p>}
		</>
	);
}

function Archive({ alerts, form, set, children }: {
	alerts: readonly AlertRow[];
	form: Form;
	set: (part: Partial<Form>) => void;
	children: preact.ComponentChildren;
}) {
	const [only] = alerts.length === 1 ? alerts : [];
	const rate = only?.finding.rate;
	return (
		<>
			<p>{t('It leaves the inbox, and comes back at the first of these:')}</p>
			<UntilField label={t('Its time is over')} none={t('no end')} choices={untilChoices()} choice={form.until} own={form.own}
				set={(choice, own) => set({ until: choice, own })} />
			<Line label={t('It grows faster than, MiB/h')} name="above" value={form.above} set={(above) => set({ above })} max={12}
				help={rate ? t('Now {figure}', { figure: growth(rate).figure }) : undefined} />
			<Line label={t('It leaks on more hosts than')} name="hosts" value={form.hosts} set={(hosts) => set({ hosts })} max={7}
				help={only ? t('Now {n, plural, one {# host} other {# hosts}}', { n: only.finding.hosts_leaking }) : undefined} />
			<p class="summary-line" aria-live="polite">{archivedUntil(saidBy('archive', form, now.value))}</p>
			{children}
		</>
	);
}

function verb(step: Asked): string {
	return { acknowledge: t('Acknowledge'), assign: t('Assign'), archive: t('Archive'), resolve: t('Resolve'), reopen: t('Reopen') }[step];
}

function title(step: Asked, alerts: readonly AlertRow[]): string {
	const what = alerts.length === 1 && alerts[0] ? alertName(alerts[0])
		: t('{n, plural, one {# alert} other {# alerts}}', { n: alerts.length });
	return {
		acknowledge: t('Acknowledge {what}', { what }), assign: t('Owner of {what}', { what }), archive: t('Archive {what}', { what }),
		resolve: t('Resolve {what}', { what }), reopen: t('Reopen {what}', { what }),
	}[step];
}
