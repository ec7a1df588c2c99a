// Adding hosts: a token is made, and with it the one line to run on the new host.
import { useSignal } from '@preact/signals';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch, usePages } from '../api/resource';
import type { About, Token } from '../api/types';
import { FormError } from '../alerts/fields';
import { now } from '../app/now';
import { labelText } from '../hosts/typed';
import { isAdmin } from '../session/session';
import { Command } from '../ui/command';
import { Until } from '../ui/time';
import { rich, t } from '../words/words';
import { RevokeToken } from './revoke';
import { JoinFields, type JoinWish, USUAL, bodyOf } from './wish';

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
	const [wish, put] = useState<JoinWish>(USUAL);
	const [busy, setBusy] = useState(false);
	const [error, setError] = useState('');
	const submit = async (event: SubmitEvent) => {
		event.preventDefault();
		const asked = bodyOf(wish);
		if ('wrong' in asked) return setError(asked.wrong);
		setBusy(true);
		try {
			done(await post<Token>('/tokens', asked));
			touch(['agents']);
		} catch (e) {
			setError((e as Error).message);
		}
		setBusy(false);
	};
	return (
		<form class="fields join-form" onSubmit={(e) => void submit(e)}>
			<JoinFields wish={wish} set={(part) => put({ ...wish, ...part })} />
			<FormError text={error} />
			<div><button type="submit" class="button primary" disabled={busy}>{t('Make a join command')}</button></div>
		</form>
	);
}

/** The line that installs the agent, where this server knows its address; and the one for hosts
 *  that have the package. */
export function JoinCommands({ token }: { token: Token }) {
	const join = token.command ?? `tidemark-agent join ${token.secret ?? ''}`;
	if (!token.install) return <Command text={join} label={t('Command that joins a host')} />;
	return (
		<>
			<Command text={token.install} label={t('Line that installs the agent and joins the host')} />
			<details class="other-way">
				<summary>{t('Where the package tidemark-agent is installed already')}</summary>
				<Command text={join} label={t('Command that joins a host')} />
			</details>
		</>
	);
}

/** What a join token asks of hosts and gives them. */
export function JoinLimits({ token: k }: { token: Token }) {
	const labels = labelText(k.labels);
	return (
		<>
			{k.host_glob && <span class="clip" title={k.host_glob}>{t('hosts {glob}', { glob: k.host_glob })}</span>}
			{labels && <span class="clip" title={labels}>{t('labels {labels}', { labels })}</span>}
		</>
	);
}

function Made({ token, again }: { token: Token; again: () => void }) {
	return (
		<div class="made">
			<JoinCommands token={token} />
			<p class="quiet">
				{rich('Good for {n, plural, one {# host} other {# hosts}}, ends {when}. It is shown only here and now.',
					{ n: token.max_uses ?? 1, when: <Until ms={token.expires_at_ms} /> })}{' '}<JoinLimits token={token} />{' '}
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
	const [doomed, revoke] = useState<Token | null>(null);
	if (usable.length === 0 && !doomed) return null;
	return (
		<>
			<ul class="tokens" aria-label={t('Join tokens that can still be used')}>
				{usable.map((token) => (
					<li key={token.id}>
						<code>{token.id.slice(0, 8)}</code> {token.name && <span>{token.name}</span>}
						<span class="quiet">
							{token.max_uses === null ? t('used {n}', { n: token.uses }) : t('used {n} of {all}', { n: token.uses, all: token.max_uses })}
							{token.created_by && <> · {t('by {name}', { name: token.created_by })}</>}
							{' · '}{rich('ends {when}', { when: <Until ms={token.expires_at_ms} /> })}
						</span>
						<JoinLimits token={token} />
						<button type="button" class="text-button danger" onClick={() => revoke(token)}>
							{rich('Revoke…<hidden> token {id}</hidden>', { id: token.id.slice(0, 8), hidden: (x) => <span class="sr-only">{x}</span> })}
						</button>
					</li>
				))}
			</ul>
			{doomed && <RevokeToken token={doomed} close={() => revoke(null)} />}
		</>
	);
}
