// Tokens: those that let hosts in, and those that scripts and dashboards read with.
import { useState } from 'preact/hooks';
import { type ApiError, post } from '../api/client';
import { touch, usePages } from '../api/resource';
import type { Role, Token } from '../api/types';
import { Field, FormError, Line } from '../alerts/fields';
import { type SettingsView, href } from '../app/address';
import { ROLES } from '../app/header';
import { now } from '../app/now';
import { go } from '../app/router';
import { count } from '../format/number';
import { DAY } from '../format/time';
import { JoinCommands, JoinLimits } from '../agents/join';
import { RevokeToken } from '../agents/revoke';
import { JoinFields, type JoinWish, Lengths, USUAL, bodyOf } from '../agents/wish';
import { Command } from '../ui/command';
import { Dialog } from '../ui/dialog';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { None } from '../ui/none';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { Ago, Until } from '../ui/time';
import { rich, t } from '../words/words';
import { has } from './act';
import { ScopeField, readScope, scopeText } from './scope';

const PAGE = 200;
const KINDS: Record<Token['kind'], string> = { api: t('API'), join: t('join') };

const ROLE_NAMES: readonly Role[] = ['viewer', 'operator', 'admin'];
const TOKEN_MAY: Record<Role, string> = { viewer: t('reads'), operator: t('reads, and works on alerts'), admin: t('may do what you may') };

/** Why it is of no use any more; '': it is. Pure. */
export function spent(k: Token, at: number): string {
	if (k.revoked_at_ms !== null) return t('revoked');
	if (k.expires_at_ms <= at) return t('ended');
	return k.max_uses !== null && k.uses >= k.max_uses ? t('used up') : '';
}

export function TokensTab({ view }: { view: SettingsView }) {
	const pages = usePages<Token>('/tokens', { limit: PAGE }, ['agents']);
	const [adding, add] = useState(false);
	const [doomed, revoke] = useState<Token | null>(null);
	const look = () => touch(['agents']);
	return (
		<>
			<div class="toolbar">
				<button type="button" class="button primary" onClick={() => add(true)}>{t('New token…')}</button>
				<span class="joined">
					<Search label={t('Find a token')} value={view.q} set={(q) => go(href.settings({ tab: 'tokens', q }), { replace: true })} />
					<TableMenu name={t('Tokens')} path={`/tokens?limit=${PAGE}`} rows={() => pages.data.value ?? []} />
				</span>
			</div>
			<Loaded resource={pages}>
				{(all) => {
					const rows = all.filter((k) => has(view.q, k.id, k.name, k.created_by, KINDS[k.kind]));
					if (all.length === 0) return <Empty title={t('No tokens yet')}><p>{t('A join token lets a host in; an API token lets a script or a dashboard read.')}</p></Empty>;
					return rows.length === 0 ? <Empty title={t('No token matches')} /> : <Table rows={rows} revoke={revoke} />;
				}}
			</Loaded>
			<More pages={pages} />
			{adding && <NewToken close={() => { add(false); look(); }} />}
			{doomed && <RevokeToken token={doomed} close={() => revoke(null)} />}
		</>
	);
}

function Table({ rows, revoke }: { rows: readonly Token[]; revoke: (token: Token) => void }) {
	return (
		<table class="grid cards">
			<caption class="sr-only">{t('Tokens')}</caption>
			<thead>
				<tr>
					<th scope="col" class="c-name">{t('Token')}</th>
					<th scope="col">{t('Kind')}</th>
					<th scope="col">{t('Ends')}</th>
					<th scope="col">{t('Used')}</th>
					<th scope="col">{t('Made')}</th>
					<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
				</tr>
			</thead>
			<tbody>
				{rows.map((k) => {
					const why = spent(k, now.value);
					return (
						<tr key={k.id} data-row class={why ? 'gone' : ''}>
							<th scope="row" class="c-name">{k.name && <span class="clip" title={k.name}>{k.name}</span>} <code>{k.id.slice(0, 8)}</code></th>
							<td data-of={t('Kind')}>{KINDS[k.kind]}{k.kind === 'join' && (k.host_glob || Object.keys(k.labels).length > 0) && <p class="summary limits"><JoinLimits token={k} /></p>}
								{k.kind === 'api' && <p class="summary">{k.role ? ROLES[k.role] : t('as {name}', { name: k.created_by ?? '' })}{k.services && <>{', '}<span class="clip" title={scopeText(k.services)}>{t('only {services}', { services: scopeText(k.services) })}</span></>}</p>}</td>
							<td data-of={t('Ends')}>{why ? <>{why} {why !== t('used up') && <Ago ms={Math.min(k.revoked_at_ms ?? k.expires_at_ms, k.expires_at_ms)} />}</> : <Until ms={k.expires_at_ms} />}</td>
							<td data-of={t('Used')}>{k.kind === 'api' ? (k.last_used_at_ms === null ? <None /> : <Ago ms={k.last_used_at_ms} />) : k.max_uses === null ? count(k.uses) : t('{n} of {all}', { n: count(k.uses), all: count(k.max_uses) })}</td>
							<td data-of={t('Made')}><Ago ms={k.created_at_ms} />{k.created_by && <p class="summary">{t('by {name}', { name: k.created_by })}</p>}</td>
							<td class="row-actions">{!why && <button type="button" class="text-button danger" onClick={() => revoke(k)}>{t('Revoke…')}<span class="sr-only"> {k.name || k.id.slice(0, 8)}</span></button>}</td>
						</tr>
					);
				})}
			</tbody>
		</table>
	);
}

function NewToken({ close }: { close: () => void }) {
	const [kind, setKind] = useState<Token['kind']>('api');
	const [name, setName] = useState('');
	const [length, setLength] = useState(90 * DAY);
	const [wish, put] = useState<JoinWish>(USUAL);
	const [role, setRole] = useState<Role>('viewer');
	const [scope, setScope] = useState('');
	const [error, setError] = useState('');
	const [made, setMade] = useState<Token | null>(null);
	const submit = async (event: Event) => {
		event.preventDefault();
		const asked = kind === 'join' ? bodyOf(wish) : { body: { kind, ttl_s: length / 1000, role, ...(role === 'admin' ? {} : { services: readScope(scope) }) } };
		if ('wrong' in asked) return setError(asked.wrong);
		try {
			setMade(await post<Token>('/tokens', { body: { ...asked.body, name: name.trim() } }));
		} catch (e) {
			setError((e as ApiError).message);
		}
	};
	if (made)
		return (
			<Dialog title={t('Token {name}', { name: made.name || made.id.slice(0, 8) })} close={close} wide secret>
				{made.kind === 'join' ? <JoinCommands token={made} /> : <Command text={made.secret ?? ''} label={t('Token')} />}
				<p class="quiet once">{rich('It is shown only here and now, and ends {when}.', { when: <Until ms={made.expires_at_ms} /> })}</p>
				<div class="dialog-actions"><button type="button" class="button primary" onClick={close}>{t('Done')}</button></div>
			</Dialog>
		);
	return (
		<Dialog title={t('New token')} close={close} wide>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<Field label={t('Kind')} help={kind === 'api' ? t('For scripts and dashboards.') : t('For hosts: an agent joins with it, once.')}>
					<select name="kind" value={kind} onChange={(e) => setKind(e.currentTarget.value as Token['kind'])}>
						<option value="api">{t('API token')}</option>
						<option value="join">{t('join token')}</option>
					</select>
				</Field>
				<Line label={t('Name')} name="name" value={name} set={setName} max={64} help={t('What it is for: it is how others know it')} />
				{kind === 'join' ? <JoinFields wish={wish} set={(part) => put({ ...wish, ...part })} /> : (
					<>
						<div class="pair">
							<Field label={t('Role')} help={TOKEN_MAY[role]}>
								<select name="role" value={role} onChange={(e) => setRole(e.currentTarget.value as Role)}>
									{ROLE_NAMES.map((r) => <option key={r} value={r}>{ROLES[r]}</option>)}
								</select>
							</Field>
							<Lengths value={length} set={setLength} />
						</div>
						{role !== 'admin' && <ScopeField value={scope} set={setScope} />}
					</>
				)}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Make')}</button>
				</div>
			</form>
		</Dialog>
	);
}
