// How far a change has come: canary, a part, all; and the steps that somebody may take.
import { useState } from 'preact/hooks';
import { type ApiError, post } from '../api/client';
import type { ConfigGroup, ConfigRevision, ConfigStage } from '../api/config';
import { touch } from '../api/resource';
import { FormError, Line } from '../alerts/fields';
import { count } from '../format/number';
import { mayActOnAll } from '../session/session';
import { Dialog } from '../ui/dialog';
import { Ago, Until } from '../ui/time';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { rich, t } from '../words/words';
import { Changes } from './settings';
import { STAGES, STAGE_WORDS, toldText } from './words';

/** In a table: the stage and who has acknowledged. */
export function Progress({ of: r }: { of: ConfigRevision }) {
	return (
		<>
			<span class={r.state === 'paused' ? 'warn' : ''}>{r.state === 'paused' ? t('paused, {stage}', { stage: r.stage ? STAGE_WORDS[r.stage] : '' }) : r.stage ? STAGE_WORDS[r.stage] : ''}</span>
			<p class="summary">{t('{done} of {told} acknowledged', { done: count(r.stage_done), told: count(r.stage_hosts) })}</p>
		</>
	);
}

type Step = 'promote' | 'pause' | 'rollback' | 'rollout';

export function Rollout({ group: g, last }: { group: ConfigGroup; last: ConfigRevision | undefined }) {
	const [step, take] = useState<Step | null>(null);
	const r = g.rollout;
	return (
		<section class="part">
			<h2>{t('Roll-out')}</h2>
			{last?.state === 'rolled_back' && !r && (
				<p class="notice bad" role="status">
					<strong>{rich('Revision {id} was taken back {ago}.', { id: `#${last.id}`, ago: <Ago ms={last.ended_at_ms} /> })}</strong>{' '}
					{last.reason ? said(last.reason) : t('Somebody took it back.')}
				</p>
			)}
			{r ? <Running group={g} revision={r} /> : (
				<p>{g.good ? rich('All hosts are told revision {id}, since {ago}.', { id: `#${g.good.id}`, ago: <Ago ms={g.good.ended_at_ms ?? g.good.started_at_ms} /> }) : t('The hosts run their own files: this group was told nothing yet.')}</p>
			)}
			{mayActOnAll() && (
				<p class="row-buttons">
					{r && <button type="button" class="button primary" onClick={() => take('promote')}>{r.stage === 'all' ? t('Finish now…') : t('On to {stage}…', { stage: STAGE_WORDS[nextOf(r.stage)] })}</button>}
					{r?.state === 'rolling' && <button type="button" class="button" onClick={() => take('pause')}>{t('Pause…')}</button>}
					{(r || g.good) && <button type="button" class="button danger" onClick={() => take('rollback')}>{t('Roll back…')}</button>}
				</p>
			)}
			{g.draft && <Draft group={g} draft={g.draft} roll={() => take('rollout')} />}
			{step && <StepDialog group={g} step={step} close={() => take(null)} />}
		</section>
	);
}

function nextOf(stage: ConfigStage | null): ConfigStage {
	return STAGES[Math.min(STAGES.indexOf(stage ?? 'canary') + 1, STAGES.length - 1)] as ConfigStage;
}

/** How many hosts a stage is to reach, in words. Pure. */
export function reach(g: Pick<ConfigGroup, 'canary_hosts' | 'part_pct' | 'hosts'>, stage: ConfigStage): string {
	if (stage === 'canary') return t('{n, plural, one {# host} other {# hosts}}', { n: Math.min(g.canary_hosts, g.hosts) });
	return stage === 'part' ? t('{n} % of the hosts', { n: g.part_pct }) : t('{n, plural, one {# host} other {# hosts}}', { n: g.hosts });
}

function Running({ group: g, revision: r }: { group: ConfigGroup; revision: ConfigRevision }) {
	const at = STAGES.indexOf(r.stage ?? 'canary');
	const ratio = r.stage_hosts > 0 ? r.stage_done / r.stage_hosts : 0;
	return (
		<>
			<p>{rich('Revision {id}, by {who}, since {ago}.', { id: `#${r.id}`, who: r.made_by, ago: <Ago ms={r.started_at_ms} /> })}{r.note && <> <q translate={false}>{r.note}</q></>}</p>
			<ol class="stages">
				{STAGES.map((stage, i) => (
					<li key={stage} class={i < at ? 'done' : i === at ? (r.state === 'paused' ? 'now paused' : 'now') : ''} aria-current={i === at ? 'step' : undefined}>
						<strong>{STAGE_WORDS[stage]}</strong> <span class="quiet">{reach(g, stage)}</span>
						<p>{i < at ? t('well') : i > at ? t('to come') : t('{done} of {told} acknowledged', { done: count(r.stage_done), told: count(r.stage_hosts) })}</p>
						<span class="bar" aria-hidden="true"><span style={{ width: `${(i < at ? 1 : i > at ? 0 : ratio) * 100}%` }} /></span>
					</li>
				))}
			</ol>
			<p aria-live="polite"><Standing group={g} revision={r} /></p>
			<Changes before={g.good?.settings ?? {}} after={r.settings} />
		</>
	);
}

function Standing({ group: g, revision: r }: { group: ConfigGroup; revision: ConfigRevision }) {
	const why = r.reason ? <>{' '}{said(r.reason)}{'.'}</> : null;
	if (r.state === 'paused') return <><strong class="warn">{t('Paused.')}</strong>{why} {t('It waits until somebody sends it on, or back.')}</>;
	if (r.settled_at_ms === null) return <>{t('Waits until all that were told have acknowledged.')}{why}</>;
	if (!g.automatic) return <>{t('All that were told have acknowledged. It waits for somebody to promote it.')}</>;
	if (r.stage === 'all') return <>{rich('All have acknowledged; it is in force {when}, if they stay well.', { when: <Until ms={r.until_ms} /> })}</>;
	return <>{rich('All that were told have acknowledged; {stage} comes {when}, if they stay well.', { stage: STAGE_WORDS[nextOf(r.stage)], when: <Until ms={r.until_ms} /> })}</>;
}

function Draft({ group: g, draft, roll }: { group: ConfigGroup; draft: ConfigRevision; roll: () => void }) {
	return (
		<section class="draft" aria-labelledby="draft-title">
			<h3 id="draft-title">{rich('Revision {id} waits, by {who}, {ago}', { id: `#${draft.id}`, who: draft.made_by, ago: <Ago ms={draft.made_at_ms} /> })}</h3>
			{draft.note && <p><q translate={false}>{draft.note}</q></p>}
			<Changes before={(g.rollout ?? g.good)?.settings ?? {}} after={draft.settings} />
			{mayActOnAll() && <p class="row-buttons"><button type="button" class="button primary" disabled={g.rollout !== null} onClick={roll}>{t('Roll it out…')}</button>
				{g.rollout && <span class="quiet">{t('When the other one has ended.')}</span>}</p>}
		</section>
	);
}

/** What a step does, who is met by it, and why it is taken. */
function StepDialog({ group: g, step, close }: { group: ConfigGroup; step: Step; close: () => void }) {
	const [note, setNote] = useState('');
	const [error, setError] = useState('');
	const [busy, setBusy] = useState(false);
	const r = g.rollout;
	const next = nextOf(r?.stage ?? null);
	const words = {
		rollout: { title: t('Roll revision {id} out?', { id: `#${g.draft?.id ?? ''}` }), verb: t('Roll it out'), text: t('First to {canary}, then to {part} %, then to all {n} hosts of {name}.', { canary: reach(g, 'canary'), part: g.part_pct, n: g.hosts, name: g.name.slice(0, 100) }), done: t('The canaries are told.') },
		promote: r?.stage === 'all' ? { title: t('Finish the roll-out?'), verb: t('Finish'), text: t('Revision {id} is what all hosts are to run from now on.', { id: `#${r.id}` }), done: t('It is in force.') }
			: { title: t('On to {stage}?', { stage: STAGE_WORDS[next] }), verb: t('Promote'), text: t('It reaches {reach} now, without waiting any longer.', { reach: reach(g, next) }), done: t('It goes on.') },
		pause: { title: t('Pause the roll-out?'), verb: t('Pause'), text: t('Those that were told keep it; no further host is told. It still goes back by itself when agents fall silent or cost more.'), done: t('It is paused.') },
		rollback: { title: t('Roll back?'), verb: t('Roll back'), text: r ? t('All hosts that were told revision {id} go back to {before}.', { id: `#${r.id}`, before: toldText(g.good) }) : t('All hosts go back from revision {id} to the one that was in force before, or to their own files.', { id: `#${g.good?.id ?? ''}` }), done: t('It is taken back.') },
	}[step];
	const send = async (event: Event) => {
		event.preventDefault();
		if (busy) return;
		setBusy(true);
		try {
			await post(`/config/groups/${g.id}/${step}`, { body: step === 'rollout' ? { revision: g.draft?.id } : { note: note.trim() } });
			toast(words.done);
			touch(['config']);
			close();
		} catch (e) {
			setError((e as ApiError).message);
			setBusy(false);
		}
	};
	return (
		<Dialog title={words.title} close={close}>
			<form class="fields" onSubmit={(e) => void send(e)}>
				<p>{words.text}</p>
				{step !== 'rollout' && <Line label={t('Why')} name="note" value={note} set={setNote} max={500} focus help={t('Stands in the history')} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class={`button ${step === 'rollback' ? 'danger' : 'primary'}`} disabled={busy}>{words.verb}</button>
				</div>
			</form>
		</Dialog>
	);
}
