// Alerts that are one story become one; hosts that are another become an alert of their own.
import { useState } from 'preact/hooks';
import type { ApiError } from '../api/client';
import { useResource } from '../api/resource';
import type { Alert, AlertEvent, AlertRow, Page } from '../api/types';
import { href } from '../app/address';
import { go } from '../app/router';
import { Dialog } from '../ui/dialog';
import { Growth } from '../ui/growth';
import { Ago } from '../ui/time';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { Conflict } from './conflict';
import { FormError, Line } from './fields';
import { meanwhile, take } from './steps';
import { ticked } from './selection';
import { alertName } from './words';

interface Sending {
	busy: boolean;
	error: string;
	seen: { alert: Alert; events: AlertEvent[] } | null;
	send: (alert: AlertRow, work: (alert: AlertRow) => Promise<void>) => Promise<void>;
}

/** Sends a step of one alert; a 412 is told, and what was chosen stays. */
function useSending(): Sending {
	const [state, set] = useState<Omit<Sending, 'send'>>({ busy: false, error: '', seen: null });
	const send: Sending['send'] = async (alert, work) => {
		const known = state.seen?.alert.id === alert.id ? state.seen.alert : alert;
		set({ ...state, busy: true, error: '' });
		try {
			await work(known);
		} catch (e) {
			const failed = e as ApiError;
			const now = failed.status === 412 ? await meanwhile(known).catch(() => null) : null;
			set({ busy: false, seen: now ?? state.seen, error: now ? '' : failed.message });
		}
	};
	return { ...state, send };
}

/** `alerts`: with one, others are offered; with several, the first holds the others. */
export function MergeDialog({ alerts, close, changed }: {
	alerts: readonly AlertRow[];
	close: () => void;
	changed?: (after: Alert) => void;
}) {
	const many = alerts.length > 1;
	const others = useResource<Page<AlertRow>>('/alerts?limit=200', ['alerts']).data.value?.items ?? [];
	const candidates = many ? alerts : nearest(alerts[0] as AlertRow, others);
	const [into, setInto] = useState<AlertRow>(alerts[0] as AlertRow);
	const [ids, pick] = useState<ReadonlySet<number>>(new Set(many ? alerts.map((a) => a.id) : []));
	const { busy, error, seen, send } = useSending();
	const inside = [...ids].filter((id) => id !== into.id);
	const submit = (event: Event) => {
		event.preventDefault();
		if (inside.length > 0 && !busy) void send(into, async (known) => {
			await take('merge', known, { alerts: inside }, changed);
			close();
		});
	};
	return (
		<Dialog title={t('Merge alerts')} close={close} wide>
			<form class="fields" onSubmit={submit}>
				<p>{t('One story, one alert: the others live inside it, and it speaks for them. They can be taken apart again.')}</p>
				{candidates.length === 0 && <p class="quiet">{t('There is no other alert to merge with.')}</p>}
				<ul class="choices">
					{candidates.map((a) => (
						<li key={a.id}>
							{many
								? <input type="radio" name="into" aria-label={t('{name} holds the others', { name: alertName(a) })} checked={into.id === a.id} onChange={() => setInto(a)} />
								: <input type="checkbox" aria-label={alertName(a)} checked={ids.has(a.id)} onChange={() => pick(ticked(ids, [], a.id, null))} />}
							<span class="choice-name" title={said(a.finding.summary).slice(0, 600)}>{alertName(a)}</span>
							<span class="quiet">{many && into.id === a.id ? t('holds the others') : rich('opened {ago}', { ago: <Ago ms={a.opened_at_ms} /> })}</span>
							<Growth value={a.finding.rate} />
						</li>
					))}
				</ul>
				{seen && <Conflict events={seen.events} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy || inside.length === 0}>
						{inside.length > 0 ? t('Merge {n, plural, one {# alert} other {# alerts}} into {name}', { n: inside.length, name: alertName(into) }) : t('Merge')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}

/** Those of the same service or cause first. Pure. */
export function nearest(alert: AlertRow, others: readonly AlertRow[]): AlertRow[] {
	const score = (o: AlertRow) => (o.finding.service.id === alert.finding.service.id ? 2 : 0)
		+ (o.finding.cause !== null && o.finding.cause === alert.finding.cause ? 1 : 0);
	return others.filter((o) => o.id !== alert.id && o.merged_into === null).sort((a, b) => score(b) - score(a)).slice(0, 50);
}

export function SplitDialog({ alert, close }: { alert: Alert; close: () => void }) {
	const [ids, pick] = useState<ReadonlySet<number>>(new Set());
	const [note, setNote] = useState('');
	const { busy, error, seen, send } = useSending();
	const order = alert.instances.map((i) => i.id);
	const able = ids.size > 0 && ids.size < order.length;
	const submit = (event: Event) => {
		event.preventDefault();
		if (able && !busy) void send(alert, async (known) => {
			const made = await take('split', known, { instances: [...ids], ...(note.trim() ? { note: note.trim() } : {}) });
			close();
			go(href.alert(made.id));
		});
	};
	return (
		<Dialog title={t('Split {name}', { name: alertName(alert) })} close={close} wide>
			<form class="fields" onSubmit={submit}>
				<p>{t('What is another story gets an alert of its own, with its own life.')}</p>
				<ul class="choices">
					{alert.instances.map((i) => (
						<li key={i.id}>
							<label>
								<input type="checkbox" checked={ids.has(i.id)} onChange={() => pick(ticked(ids, order, i.id, null))} />
								<span class="choice-name">{i.host.name} #{i.ordinal}</span>
							</label>
							<span class="quiet">{i.version.version}</span>
							<Growth value={i.rate} />
						</li>
					))}
				</ul>
				<Line label={t('Comment')} value={note} set={setNote} />
				{ids.size === order.length && order.length > 0 && <p class="quiet">{t('One instance has to stay.')}</p>}
				{seen && <Conflict events={seen.events} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary" disabled={busy || !able}>
						{ids.size > 0 ? t('Split off {n, plural, one {# instance} other {# instances}}', { n: ids.size }) : t('Split')}
					</button>
				</div>
			</form>
		</Dialog>
	);
}
