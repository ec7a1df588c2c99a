// Adding hosts: a token is made, and with it the one line to run on the new host.
import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch, usePages } from '../api/resource';
import type { About, Token } from '../api/types';
import { now } from '../app/now';
import { HOUR } from '../format/time';
import { isAdmin } from '../session/session';
import { Command } from '../ui/command';
import { Until } from '../ui/time';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';

const TTL_S = HOUR / 1000;

export function JoinPanel({ about, open }: { about: About | undefined; open: boolean }) {
	const made = useSignal<Token | null>(null);
	if (!isAdmin()) return null;
	return (
		<section class={`join ${open ? 'first' : ''}`} aria-labelledby="join-title">
			<div class="join-text">
				<h2 id="join-title">{open ? t('Put an agent on the first host') : t('Add hosts')}</h2>
				<p>{rich('The command below enrols a host: the agent makes its own key there and connects, encrypted, to {server}.',
					{ server: about ? <code>{about.agent_endpoint}</code> : t('this server') })}</p>
			</div>
			{made.value ? <Made token={made.value} again={() => { made.value = null; }} />
				: <JoinForm done={(token) => { made.value = token; }} />}
			<Tokens />
		</section>
	);
}

function JoinForm({ done }: { done: (token: Token) => void }) {
	const [busy, setBusy] = useState(false);
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const uses = Number(new FormData(event.currentTarget as HTMLFormElement).get('uses'));
		setBusy(true);
		try {
			const body = { kind: 'join', ttl_s: TTL_S, max_uses: uses };
			done(await post<Token>('/tokens', { body }));
			touch(['agents']);
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		setBusy(false);
	};
	return (
		<form class="join-form" onSubmit={(e) => void submit(e)}>
			<label>{t('Hosts')} <input name="uses" type="number" min={1} max={10_000} value={1} required /></label>
			<button type="submit" class="button primary" disabled={busy}>{t('Make a join command')}</button>
		</form>
	);
}

function Made({ token, again }: { token: Token; again: () => void }) {
	return (
		<div class="made">
			<Command text={token.command ?? `tidemark-agent join ${token.secret ?? ''}`} label={t('Command that joins a host')} />
			<p class="quiet">
				{rich('Good for {n, plural, one {# host} other {# hosts}}, ends {when}. It is shown only here and now.',
					{ n: token.max_uses ?? 1, when: <Until ms={token.expires_at_ms} /> })}{' '}
				<button type="button" class="text-button" onClick={again}>{t('Done')}</button>
			</p>
		</div>
	);
}

/** Join tokens that can still be used; one that leaked can be taken back. */
function Tokens() {
	const pages = usePages<Token>('/tokens', { limit: 100 }, ['agents']);
	const usable = (pages.data.value ?? []).filter((k) => k.kind === 'join' && k.revoked_at_ms === null
		&& k.expires_at_ms > now.value && (k.max_uses === null || k.uses < k.max_uses));
	if (usable.length === 0) return null;
	const revoke = async (token: Token) => {
		try {
			await post(`/tokens/${token.id}/revoke`);
			touch(['agents']);
			toast(t('The join token is revoked.'));
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
	};
	return (
		<ul class="tokens" aria-label={t('Join tokens that can still be used')}>
			{usable.map((token) => (
				<li key={token.id}>
					<code>{token.id.slice(0, 8)}</code> {token.name && <span>{token.name}</span>}
					<span class="quiet">
						{token.max_uses === null ? t('used {n}', { n: token.uses }) : t('used {n} of {all}', { n: token.uses, all: token.max_uses })}
						{token.created_by && <> · {t('by {name}', { name: token.created_by })}</>}
						{' · '}{rich('ends {when}', { when: <Until ms={token.expires_at_ms} /> })}
					</span>
					<button type="button" class="text-button danger" onClick={() => void revoke(token)}>
						{rich('Revoke<hidden> token {id}</hidden>', { id: token.id.slice(0, 8), hidden: (x) => <span class="sr-only">{x}</span> })}
					</button>
				</li>
			))}
		</ul>
	);
}
