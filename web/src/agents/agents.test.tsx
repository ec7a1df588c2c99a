import { expect, test, vi } from 'vitest';
import about from '../../../schema/api/about.json';
import agents from '../../../schema/api/agents.json';
import fleet from '../../../schema/api/fleet.json';
import tokens from '../../../schema/api/tokens.json';
import { ada, button, never, problem, says, serve, show, textOf } from '../testing/page';
import { Toasts } from '../ui/toast';
import { AgentsPage, title } from './agents';

const answers = { '/fleet': fleet, '/agents': agents, '/about': about, '/tokens': tokens };
const page = <><AgentsPage view={{ q: '' }} /><Toasts /></>;

test('each agent says how it is', async () => {
	serve(answers);
	const root = show(page);
	await says(root, 'web-1');
	await says(root, '1 of 2 agents is silent');
	const rows = [...root.querySelectorAll('tbody tr')].map(textOf);
	expect(rows[0]).toContain('reporting');
	expect(rows[0]).toContain(`${agents.items[0]?.lost_batches} batches`);
	expect(rows[0]).toContain(agents.items[0]?.last_refusal as string);
	expect(rows[1]).toContain('silent');
	expect(rows[1]).toContain('1 MiB');
});

test('a join command is made, shown once, and can be copied', async () => {
	const made = { ...tokens.items[1], id: 'abcd', kind: 'join', uses: 0, max_uses: 3, revoked_at_ms: null,
		expires_at_ms: Date.now() + 3_600_000, secret: 's', command: 'sudo tidemark-agent join tm1.abc', install: 'curl -fsS https://t.example/install.sh | sudo sh' };
	const sent = serve({ ...answers, '/tokens': (init: RequestInit) => (init.method === 'POST' ? made : tokens) });
	const copied = vi.fn(() => Promise.resolve());
	vi.stubGlobal('navigator', { ...navigator, clipboard: { writeText: copied } });
	const root = show(page);
	await says(root, 'Make a join command');
	const fill = (name: string, value: string) => {
		const field = root.querySelector(`input[name=${name}]`) as HTMLInputElement;
		field.value = value;
		field.dispatchEvent(new Event('input', { bubbles: true }));
		return new Promise((done) => setTimeout(done));
	};
	await fill('uses', '3');
	await fill('labels', 'env=prod, zone');
	button(root, 'Make a join command').click();
	await says(root, '“zone” has no =');
	await fill('labels', 'env=prod, zone=eu-1');
	await fill('glob', 'web-*');
	button(root, 'Make a join command').click();
	await says(root, 'curl -fsS https://t.example/install.sh | sudo sh');
	await says(root, 'sudo tidemark-agent join tm1.abc');
	expect(sent.find((s) => s.method === 'POST')?.body).toEqual({ kind: 'join', ttl_s: 3600, max_uses: 3, host_glob: 'web-*', labels: { env: 'prod', zone: 'eu-1' } });
	button(root, 'Copy').click();
	await says(root, 'Copied');
	expect(copied).toHaveBeenCalledWith('curl -fsS https://t.example/install.sh | sudo sh');
	vi.unstubAllGlobals();
});

test('revoking asks first', async () => {
	const sent = serve({ ...answers, '/agents/1/revoke': agents.items[0] });
	const root = show(page);
	await says(root, 'web-1');
	button(root, 'Revoke the agent of web-1').click();
	await says(root, 'Revoke the agent of web-1?');
	expect(sent.some((s) => s.method === 'POST')).toBe(false);
	button(root.querySelector('dialog') as Element, 'Revoke').click();
	await says(root, 'The agent of web-1 is revoked.');
	expect(sent.some((s) => s.method === 'POST' && s.path === '/agents/1/revoke')).toBe(true);
});

test('the first host is asked for when there is none', async () => {
	const nobody = { ...fleet, agents: { total: 0, reporting: 0, silent: 0 } };
	serve({ ...answers, '/agents': { items: [] }, '/fleet': nobody });
	const root = show(page);
	await says(root, 'Put an agent on the first host');
	await says(root, 'No agents yet');
});

test('who is no administrator gets no tokens and revokes nothing', async () => {
	const sent = serve(answers);
	const root = show(page, { ...ada, role: 'operator' });
	await says(root, 'web-1');
	expect(textOf(root)).not.toContain('Revoke');
	expect(sent.some((s) => s.path.startsWith('/tokens'))).toBe(false);
});

test('a failure is told, loading is quiet', async () => {
	serve({ ...answers, '/agents': () => problem(500, 'Something broke.') });
	await says(show(page), 'Something broke.');
	serve({ ...answers, '/agents': never });
	expect(show(page).querySelector('[role=status]')).not.toBeNull();
});

test('the title says what is wrong', () => {
	expect(title({ total: 12, reporting: 12, silent: 0 })).toBe('All 12 agents report');
	expect(title({ total: 12, reporting: 10, silent: 2 })).toBe('2 of 12 agents are silent');
	expect(title({ total: 12, reporting: 11, silent: 0 })).toBe('11 of 12 agents report');
	expect(title({ total: 1, reporting: 1, silent: 0 })).toBe('The agent reports');
});
