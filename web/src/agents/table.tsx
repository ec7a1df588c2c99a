import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch } from '../api/resource';
import type { Agent } from '../api/types';
import { bytes, count, memory } from '../format/number';
import { duration } from '../format/time';
import { isAdmin } from '../session/session';
import { Dialog } from '../ui/dialog';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { AgentState } from './state';
import { None } from '../ui/none';
import { rich, t } from '../words/words';

const SKEW_SHOWN_MS = 500;
const SKEW_BAD_MS = 5000;
const LAG_BAD_MS = 60_000;

export function AgentTable({ rows, newest }: { rows: readonly Agent[]; newest: string | undefined }) {
	const [revoking, revoke] = useState<Agent | null>(null);
	return (
		<>
			<div class="scroll" tabIndex={0} role="region" aria-label={t('Agents')}>
				<table class="grid agents">
					<thead>
						<tr>
							<th scope="col">{t('Host')}</th>
							<th scope="col">{t('State')}</th>
							<th scope="col">{t('Last seen')}</th>
							<th scope="col" class="num">{t('Lag')}</th>
							<th scope="col" class="num">{t('Spool')}</th>
							<th scope="col" class="num">{t('Lost')}</th>
							<th scope="col" class="num">{t('Refused')}</th>
							<th scope="col" class="num">{t('Clock')}</th>
							<th scope="col" class="num">{t('Memory free')}</th>
							<th scope="col">{t('Version')}</th>
							{isAdmin() && <th scope="col"><span class="sr-only">{t('Actions')}</span></th>}
						</tr>
					</thead>
					<tbody>{rows.map((a) => <Row key={a.id} agent={a} newest={newest} revoke={() => revoke(a)} />)}</tbody>
				</table>
			</div>
			{revoking && <Revoke agent={revoking} close={() => revoke(null)} />}
		</>
	);
}

function Row({ agent: a, newest, revoke }: { agent: Agent; newest: string | undefined; revoke: () => void }) {
	return (
		<tr data-row data-agent={a.id} class={a.state === 'revoked' ? 'gone' : ''}>
			<th scope="row">
				{a.host.name}
				<p class="summary">{t('{n, plural, one {# CPU} other {# CPUs}} · Linux {kernel} · every {interval}', { n: a.cpus, kernel: a.kernel, interval: duration(a.interval_ms) })}</p>
			</th>
			<td><AgentState state={a.state} /></td>
			<td><Ago ms={a.last_seen_at_ms} /></td>
			<td class="num">
				{a.lag_ms === null ? <None /> : <Flag bad={a.lag_ms > LAG_BAD_MS}>{duration(a.lag_ms)}</Flag>}
			</td>
			<td class="num">
				{a.spool_batches === 0 ? <None />
					: <span title={batches(a.spool_batches)}>{bytes(a.spool_bytes)}</span>}
			</td>
			<td class="num">
				{a.lost_batches === 0 ? <None /> : <Flag bad>{batches(a.lost_batches)}</Flag>}
			</td>
			<td class="num"><Refused agent={a} /></td>
			<td class="num">{skew(a.clock_skew_ms)}</td>
			<td class="num">
				{a.mem_available_kb === null || a.mem_total_kb === null ? <None />
					: rich('{part}<quiet> of {all}</quiet>', { part: memory(a.mem_available_kb), all: memory(a.mem_total_kb), quiet: (x) => <span class="quiet">{x}</span> })}
			</td>
			<td>
				<span class="version">{a.version}</span>
				{newest && a.version !== newest && <span class="quiet"> {t('(server {version})', { version: newest })}</span>}
			</td>
			{isAdmin() && (
				<td class="num">
					{a.state !== 'revoked' && (
						<button type="button" class="text-button danger late" onClick={revoke}>
							{rich('Revoke<hidden> the agent of {host}</hidden>', { host: a.host.name, hidden: (x) => <span class="sr-only">{x}</span> })}
						</button>
					)}
				</td>
			)}
		</tr>
	);
}

function batches(n: number): string {
	return t('{n, plural, one {# batch} other {# batches}}', { n });
}

/** Marked by a sign and a word for listeners, not by colour alone. */
function Flag({ bad, children }: { bad: boolean; children: ComponentChildren }) {
	if (!bad) return <>{children}</>;
	return <span class="warn"><span aria-hidden="true">! </span>{children}</span>;
}

function Refused({ agent: a }: { agent: Agent }) {
	const total = a.refused_batches + a.refused_values;
	if (total === 0) return <None />;
	const what = [
		a.refused_batches > 0 ? batches(a.refused_batches) : '',
		a.refused_values > 0 ? t('{n, plural, one {# value} other {# values}}', { n: a.refused_values }) : '',
	].filter(Boolean).join(', ');
	return (
		<>
			<Flag bad>{count(total)}</Flag>
			<p class="summary">{a.last_refusal ? t('{what}; last: {refusal}', { what, refusal: a.last_refusal }) : what}</p>
		</>
	);
}

function skew(ms: number | null) {
	if (ms === null) return <None />;
	if (Math.abs(ms) < SKEW_SHOWN_MS) return t('in sync');
	return <Flag bad={Math.abs(ms) > SKEW_BAD_MS}>{ms > 0 ? t('{time} ahead', { time: duration(ms) }) : t('{time} behind', { time: duration(ms) })}</Flag>;
}

function Revoke({ agent, close }: { agent: Agent; close: () => void }) {
	const [busy, setBusy] = useState(false);
	const revoke = async () => {
		setBusy(true);
		try {
			await post(`/agents/${agent.id}/revoke`);
			touch(['agents']);
			toast(t('The agent of {host} is revoked.', { host: agent.host.name }));
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		close();
	};
	return (
		<Dialog title={t('Revoke the agent of {host}?', { host: agent.host.name })} close={close}>
			<p>
				{t('The server will refuse its key from now on. What it has sent stays. To bring the host back, it has to join again with a new token.')}
			</p>
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
				<button type="button" class="button danger" disabled={busy} onClick={() => void revoke()}>{t('Revoke')}</button>
			</div>
		</Dialog>
	);
}
