// Adding hosts: a token is made, and with it the one line to run on the new host.
import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch, usePages } from '../api/resource';
import type { About, Token } from '../api/types';
import { now } from '../app/now';
import { plural } from '../format/number';
import { HOUR } from '../format/time';
import { isAdmin } from '../session/session';
import { Command } from '../ui/command';
import { Until } from '../ui/time';
import { toast } from '../ui/toast';

const TTL_S = HOUR / 1000;

export function JoinPanel({ about, open }: { about: About | undefined; open: boolean }) {
	const made = useSignal<Token | null>(null);
	if (!isAdmin()) return null;
	return (
		<section class={`join ${open ? 'first' : ''}`} aria-labelledby="join-title">
			<div class="join-text">
				<h2 id="join-title">{open ? 'Put an agent on the first host' : 'Add hosts'}</h2>
				<p>The command below enrols a host: the agent makes its own key there and connects, encrypted, to {about
					? <code>{about.agent_endpoint}</code> : 'this server'}.</p>
			</div>
			{made.value ? <Made token={made.value} again={() => { made.value = null; }} />
				: <JoinForm done={(t) => { made.value = t; }} />}
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
			<label>Hosts <input name="uses" type="number" min={1} max={10_000} value={1} required /></label>
			<button type="submit" class="button primary" disabled={busy}>Make a join command</button>
		</form>
	);
}

function Made({ token, again }: { token: Token; again: () => void }) {
	return (
		<div class="made">
			<Command text={token.command ?? `tidemark-agent join ${token.secret ?? ''}`} label="Command that joins a host" />
			<p class="quiet">
				Good for {plural(token.max_uses ?? 1, 'host')}, ends <Until ms={token.expires_at_ms} />.
				It is shown only here and now.{' '}
				<button type="button" class="text-button" onClick={again}>Done</button>
			</p>
		</div>
	);
}

/** Join tokens that can still be used; one that leaked can be taken back. */
function Tokens() {
	const pages = usePages<Token>('/tokens', { limit: 100 }, ['agents']);
	const usable = (pages.data.value ?? []).filter((t) => t.kind === 'join' && t.revoked_at_ms === null
		&& t.expires_at_ms > now.value && (t.max_uses === null || t.uses < t.max_uses));
	if (usable.length === 0) return null;
	const revoke = async (token: Token) => {
		try {
			await post(`/tokens/${token.id}/revoke`);
			touch(['agents']);
			toast('The join token is revoked.');
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
	};
	return (
		<ul class="tokens" aria-label="Join tokens that can still be used">
			{usable.map((t) => (
				<li key={t.id}>
					<code>{t.id.slice(0, 8)}</code> {t.name && <span>{t.name}</span>}
					<span class="quiet">
						used {t.uses}{t.max_uses !== null && ` of ${t.max_uses}`}
						{t.created_by && ` · by ${t.created_by}`} · ends <Until ms={t.expires_at_ms} />
					</span>
					<button type="button" class="text-button danger" onClick={() => void revoke(t)}>
						Revoke<span class="sr-only"> token {t.id.slice(0, 8)}</span>
					</button>
				</li>
			))}
		</ul>
	);
}
