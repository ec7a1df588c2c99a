// Who may log in, and what they may do.
import { useState } from 'preact/hooks';
import { type ApiError, post } from '../api/client';
import { usePages } from '../api/resource';
import type { User } from '../api/settings';
import type { Role } from '../api/types';
import { Field, FormError, Line } from '../alerts/fields';
import { type SettingsView, href } from '../app/address';
import { ROLES } from '../app/header';
import { go } from '../app/router';
import { session } from '../session/session';
import { Command } from '../ui/command';
import { Dialog } from '../ui/dialog';
import { TableMenu } from '../ui/export';
import { Search } from '../ui/search';
import { Empty, Loaded } from '../ui/states';
import { useSteady } from '../ui/steady';
import { Ago } from '../ui/time';
import { toast } from '../ui/toast';
import { rich, t } from '../words/words';
import { act, has } from './act';
import { Scope, ScopeField, readScope, scopeText } from './scope';
import { Sure } from './sure';

const KNOWN: readonly Role[] = ['viewer', 'operator', 'admin'];
const MAY: Record<Role, string> = {
	viewer: t('sees, and changes nothing'),
	operator: t('works on alerts: acknowledges, silences, notes, takes snapshots; rolls settings out to agents'),
	admin: t('everything, with users, tokens and notifications'),
};

interface Asked {
	what: 'add' | 'password' | 'retire' | 'made' | 'scope';
	user?: User;
}

export function UsersTab({ view }: { view: SettingsView }) {
	const pages = usePages<User>('/users', {}, []);
	const [asked, ask] = useState<Asked | null>(null);
	const close = () => ask(null);
	const look = () => void pages.refresh();
	const send = async (path: string, done: string) => {
		const user = await act(post<User>(path), done, look);
		ask(user?.password ? { what: 'made', user } : null);
	};
	return (
		<>
			<div class="toolbar">
				<button type="button" class="button primary" onClick={() => ask({ what: 'add' })}>{t('Add a user…')}</button>
				<span class="joined">
					<Search label={t('Find a user')} value={view.q} set={(q) => go(href.settings({ tab: 'users', q }), { replace: true })} />
					<TableMenu name={t('Users')} path="/users" rows={() => pages.data.value ?? []} />
				</span>
			</div>
			<Loaded resource={pages}>{(rows) => <Table rows={rows} q={view.q} look={look} ask={ask} restore={(u) => void send(`/users/${u.id}/restore`, t('{name} may log in again.', { name: u.name }))} />}</Loaded>
			<dl class="facts roles">
				{KNOWN.map((r) => <div key={r}><dt>{ROLES[r]}</dt><dd>{MAY[r]}</dd></div>)}
			</dl>
			{asked?.what === 'add' && <Add close={close} made={(user) => { look(); ask({ what: 'made', user }); }} />}
			{asked?.what === 'made' && asked.user && <Made user={asked.user} close={close} />}
			{asked?.what === 'scope' && asked.user && <Limits user={asked.user} close={close} look={look} />}
			{asked?.what === 'password' && asked.user && (
				<Sure title={t('A new password for {name}?', { name: asked.user.name })} verb={t('Make a password')} close={close}
					does={() => void send(`/users/${asked.user?.id}/password`, '')}
					text={t('The old one is of no use any more, and all sessions end. The new one is shown once.')} />
			)}
			{asked?.what === 'retire' && asked.user && (
				<Sure title={t('Let {name} go?', { name: asked.user.name })} verb={t('Let go')} close={close} danger
					does={() => void send(`/users/${asked.user?.id}/retire`, t('{name} may log in no more.', { name: asked.user?.name ?? '' }))}
					text={t('All sessions end and all tokens are revoked at once. What was done stays, under the same name. It can be taken back; revoked tokens cannot.')} />
			)}
		</>
	);
}

function Table({ rows, q, look, ask, restore }: {
	rows: readonly User[];
	q: string;
	look: () => void;
	ask: (asked: Asked) => void;
	restore: (user: User) => void;
}) {
	const found = rows.filter((u) => has(q, u.name, ROLES[u.role]));
	const { shown, chip } = useSteady(found);
	const admins = rows.filter((u) => u.role === 'admin' && u.retired_at_ms === null).length;
	if (found.length === 0) return <Empty title={t('No user matches')} />;
	return (
		<>
			{chip}
			<table class="grid cards users">
				<caption class="sr-only">{t('Users')}</caption>
				<thead>
					<tr>
						<th scope="col" class="c-name">{t('Name')}</th>
						<th scope="col">{t('Role')}</th>
						<th scope="col">{t('Services')}</th>
						<th scope="col">{t('Password')}</th>
						<th scope="col">{t('Since')}</th>
						<th scope="col"><span class="sr-only">{t('Actions')}</span></th>
					</tr>
				</thead>
				<tbody>{shown.map((u) => <Row key={u.id} user={u} last={admins === 1 && u.role === 'admin'} look={look} ask={ask} restore={restore} />)}</tbody>
			</table>
		</>
	);
}

function Row({ user: u, last, look, ask, restore }: {
	user: User;
	/** The only one who can make others. */
	last: boolean;
	look: () => void;
	ask: (asked: Asked) => void;
	restore: (user: User) => void;
}) {
	const [wanted, want] = useState<Role | null>(null);
	const me = u.name === session.value?.user;
	const gone = u.retired_at_ms !== null;
	const why = gone ? t('left') : last ? t('the last administrator: make somebody else one first') : me ? t('you: another administrator can change it') : '';
	const give = async (role: Role, undo?: Role) => {
		want(role);
		await act(post(`/users/${u.id}`, { method: 'PUT', body: { role } }), t('{name}: {role}.', { name: u.name, role: ROLES[role] }), look, undo && (() => void give(undo)));
		want(null);
	};
	return (
		<tr data-row class={gone ? 'gone' : ''}>
			<th scope="row" class="c-name">{u.name}{(last || me) && !gone && <p class="summary">{why}</p>}</th>
			<td data-of={t('Role')}>
				<select aria-label={t('Role of {name}', { name: u.name })} value={wanted ?? u.role} disabled={why !== ''} onChange={(e) => void give(e.currentTarget.value as Role, u.role)}>
					{KNOWN.map((r) => <option key={r} value={r}>{ROLES[r]}</option>)}
				</select>
			</td>
			<td data-of={t('Services')}><Scope services={u.services} /></td>
			<td data-of={t('Password')}>{u.password_is_one_time ? <span class="warn">{t('one-time, not changed yet')}</span> : t('their own')}</td>
			<td data-of={t('Since')}><Ago ms={u.created_at_ms} />{gone && <p class="summary">{rich('left {ago}', { ago: <Ago ms={u.retired_at_ms} /> })}</p>}</td>
			<td class="row-actions">
				{gone ? <button type="button" class="text-button" onClick={() => restore(u)}>{t('Bring back')}<span class="sr-only">: {u.name}</span></button> : (
					<>
						{u.role !== 'admin' && <button type="button" class="text-button" onClick={() => ask({ what: 'scope', user: u })}>{t('Services…')}<span class="sr-only">: {u.name}</span></button>}
						<button type="button" class="text-button" onClick={() => ask({ what: 'password', user: u })}>{t('New password…')}<span class="sr-only">: {u.name}</span></button>
						{!last && !me && <button type="button" class="text-button danger" onClick={() => ask({ what: 'retire', user: u })}>{t('Let go…')}<span class="sr-only">: {u.name}</span></button>}
					</>
				)}
			</td>
		</tr>
	);
}

function Add({ close, made }: { close: () => void; made: (user: User) => void }) {
	const [name, setName] = useState('');
	const [role, setRole] = useState<Role>('operator');
	const [scope, setScope] = useState('');
	const [error, setError] = useState('');
	const submit = async (event: Event) => {
		event.preventDefault();
		try {
			made(await post<User>('/users', { body: { name: name.trim(), role, ...(role === 'admin' ? {} : { services: readScope(scope) }) } }));
		} catch (e) {
			setError((e as ApiError).message);
		}
	};
	return (
		<Dialog title={t('Add a user')} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<Line label={t('Name')} name="name" value={name} set={setName} max={64} required focus help={t('Letters, digits and . _ @ -')} />
				<Field label={t('Role')} help={MAY[role]}>
					<select name="role" value={role} onChange={(e) => setRole(e.currentTarget.value as Role)}>
						{KNOWN.map((r) => <option key={r} value={r}>{ROLES[r]}</option>)}
					</select>
				</Field>
				{role !== 'admin' && <ScopeField value={scope} set={setScope} />}
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Add')}</button>
				</div>
			</form>
		</Dialog>
	);
}

/** To which services somebody is limited. */
function Limits({ user: u, close, look }: { user: User; close: () => void; look: () => void }) {
	const [text, setText] = useState(scopeText(u.services));
	const [error, setError] = useState('');
	const submit = async (event: Event) => {
		event.preventDefault();
		try {
			const services = readScope(text);
			await post(`/users/${u.id}`, { method: 'PUT', body: { services } });
			toast(services ? t('{name} sees only {services}.', { name: u.name, services: scopeText(services) }) : t('{name} sees all services.', { name: u.name }));
			look();
			close();
		} catch (e) {
			setError((e as ApiError).message);
		}
	};
	return (
		<Dialog title={t('Services of {name}', { name: u.name })} close={close}>
			<form class="fields" onSubmit={(e) => void submit(e)}>
				<ScopeField value={text} set={setText} />
				<FormError text={error} />
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Save')}</button>
				</div>
			</form>
		</Dialog>
	);
}

function Made({ user, close }: { user: User; close: () => void }) {
	return (
		<Dialog title={t('Password of {name}', { name: user.name })} close={close} secret>
			<Command text={user.password ?? ''} label={t('One-time password')} />
			<p class="quiet once">{t('It is shown only here and now. Hand it over; whoever logs in with it is asked to choose another.')}</p>
			<div class="dialog-actions"><button type="button" class="button primary" onClick={close}>{t('Done')}</button></div>
		</Dialog>
	);
}
