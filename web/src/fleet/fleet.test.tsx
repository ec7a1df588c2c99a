import { expect, test, vi } from 'vitest';
import fleet from '../../../schema/api/fleet.json';
import groupsHost from '../../../schema/api/groups_host.json';
import groupsLabel from '../../../schema/api/groups_label.json';
import groupsVersion from '../../../schema/api/groups_version.json';
import hosts from '../../../schema/api/hosts.json';
import services from '../../../schema/api/services.json';
import queues from '../../../schema/api/services_queues.json';
import type { GroupRow, QueueState } from '../api/fleet';
import type { Fleet, Rate, ServiceRow } from '../api/types';
import { VERDICTS } from '../app/address';
import { growth } from '../format/number';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { VERDICT_HELP, VERDICT_WORDS, VerdictGlyph } from '../ui/verdict';
import { FleetPage } from './fleet';
import { growthWords, headline, queueWords, worstWords } from './words';

const all = { q: '', verdict: '', by: 'service', label: '' } as const;
const nothing = { ...fleet, hosts: 0, services: 0, instances: 0 };

test('services are shown in the order of the API, each with its verdict in words', async () => {
	serve({ '/fleet': fleet, '/services': { items: services.items } }); // and no more
	const root = show(<FleetPage view={all} />);
	await says(root, 'on 1 of 1 host since 1.1.0');
	const names = [...root.querySelectorAll('.row-link')].map((a) => a.textContent);
	expect(names).toEqual(services.items.map((s) => s.name));
	expect(textOf(root)).toContain('1 of 3 services leaks');
	const { figure } = growth(services.items[0]?.rate as Rate);
	expect(textOf(root.querySelector('tbody tr') as Element)).toContain(figure.replaceAll('\u00a0', ' '));
	expect(root.querySelector('.row-link')?.getAttribute('href')).toBe('/services/1');
});

test('instances without data and what is watched are counted', async () => {
	serve({ '/fleet': { ...fleet, instances_silent: 2, findings: { watch: 3, confirmed: 1 } }, '/services': services });
	const root = show(<FleetPage view={all} />);
	await says(root, '+ 2 without data');
	expect(root.querySelector('.figures a[href="/alerts?state=watched"]')?.textContent).toBe('3');
});

test('every verdict has a word, a shape of its own and an explanation', () => {
	expect(VERDICTS).toHaveLength(Object.keys(fleet.verdicts).length);
	expect(new Set(Object.values(VERDICT_WORDS)).size).toBe(VERDICTS.length);
	const shapes = VERDICTS.map((verdict) => show(<VerdictGlyph verdict={verdict} />).querySelector('path')?.getAttribute('d'));
	expect(new Set(shapes).size).toBe(VERDICTS.length);
	for (const v of VERDICTS) expect(VERDICT_HELP[v]).toMatch(/^[A-Z]/);
});

test('a version without a name is said to be unknown', async () => {
	serve({ '/fleet': fleet, '/services': services });
	const root = show(<FleetPage view={all} />);
	await says(root, 'unknown version');
});

test('the address decides what is asked for', async () => {
	const sent = serve({ '/fleet': fleet, '/services': services });
	const root = show(<FleetPage view={{ ...all, q: 'check', verdict: 'leak' }} />);
	await says(root, 'checkout');
	expect(sent.map((s) => s.path)).toContain('/services?q=check&verdict=leak&limit=100');
	expect(button(root, 'leaks').getAttribute('aria-pressed')).toBe('true');
});

test('more is read when there is more', async () => {
	const second = { items: [{ ...services.items[0], id: 77, name: 'the-last-one' }] };
	serve({ '/fleet': fleet, '/services?limit=100': services,
		[`/services?limit=100&after=${services.next}`]: second });
	const root = show(<FleetPage view={all} />);
	// By itself, for its end is on the screen.
	await says(root, 'the-last-one');
	expect(textOf(root)).not.toContain('Show more');
});

test('names from hosts are text, whatever they say', async () => {
	const name = '<img src=x onerror="alert(1)">';
	serve({ '/fleet': fleet, '/services': { items: [{ ...services.items[0], name }] } });
	const root = show(<FleetPage view={all} />);
	await says(root, name);
	expect(root.querySelector('img')).toBeNull();
});

test('an empty fleet leads to the command for the first host', async () => {
	serve({ '/fleet': nothing });
	const root = show(<FleetPage view={all} />);
	await says(root, 'Put an agent on the first host');
	expect(root.querySelector('a.button')?.getAttribute('href')).toBe('/agents');
});

test('a filter that finds nothing says so and leads back', async () => {
	serve({ '/fleet': fleet, '/services': { items: [] } });
	const root = show(<FleetPage view={{ ...all, q: 'nope' }} />);
	await says(root, 'Nothing has “nope” in its name.');
	expect(root.querySelector('.empty a')?.getAttribute('href')).toBe('/');
});

test('a failure is told, and trying again helps', async () => {
	const answers: Record<string, unknown> = {
		'/fleet': problem(503, 'The database is away.'), '/services': services };
	serve(answers);
	const root = show(<FleetPage view={all} />);
	await says(root, 'The database is away.');
	answers['/fleet'] = fleet;
	button(root, 'Try again').click();
	await says(root, 'checkout');
});

test('a skeleton comes only when the answer takes its time', async () => {
	vi.useFakeTimers();
	serve({ '/fleet': never });
	const root = show(<FleetPage view={all} />);
	await vi.advanceTimersByTimeAsync(250);
	expect(root.querySelector('.bone')).toBeNull();
	await vi.advanceTimersByTimeAsync(100);
	expect(root.querySelector('.bone')).not.toBeNull();
	vi.useRealTimers();
});

test('the headline says the worst there is', () => {
	const none: Fleet['verdicts'] = { learning: 0, unusable: 0, steady: 0, cyclic: 0, load: 0, warmup: 0, fragmentation: 0,
		step: 0, watch: 0, backlog: 0, native: 0, leak: 0 };
	const of = (verdicts: Partial<Fleet['verdicts']>, count: number) =>
		headline({ ...(fleet as Fleet), services: count, verdicts: { ...none, ...verdicts } });
	expect(of({ leak: 2, steady: 7 }, 9)).toBe('2 of 9 services leak');
	expect(of({ leak: 1, backlog: 1, steady: 7 }, 9)).toBe('2 of 9 services grow without an end in sight');
	expect(of({ native: 1 }, 4)).toBe('1 of 4 services grows without an end in sight');
	expect(of({ watch: 1, steady: 1 }, 2)).toBe('No leaks; 1 of 2 services to watch');
	expect(of({ learning: 3 }, 3)).toBe('Learning about 3 services');
	expect(of({ steady: 1 }, 1)).toBe('The service is steady');
	expect(of({}, 0)).toBe('No services yet');
});

const row = services.items[0] as ServiceRow;

test('growth in words: how fast, where, since when, and how long it can go on', () => {
	const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ');
	const now = (row.growth?.exhaust_at_ms ?? 0) - 9 * 3_600_000;
	expect(plain(growthWords(row, now))).toBe('+59.8 MiB/h on 1 of 1 host since 1.1.0, 9 h to the limit');
	const on = (changed: Partial<NonNullable<ServiceRow['growth']>>) =>
		plain(growthWords({ ...row, growth: { ...row.growth as NonNullable<ServiceRow['growth']>, exhaust_at_ms: null, ...changed } }, now));
	expect(on({ since: null, hosts: 12, hosts_leaking: 3 })).toBe('+59.8 MiB/h on 3 of 12 hosts with 1.1.0');
	expect(on({ since: null, version: { id: 1, version: '' } })).toBe('+59.8 MiB/h on 1 of 1 host');
	expect(on({ exhaust_at_ms: now - 1 })).toContain(', at the limit');
	expect(growthWords({ ...row, growth: null }, now)).toBeNull();
});

test('a queue says whether it grows or drains', async () => {
	const queue = queues.items[0]?.queue as QueueState;
	expect(queueWords(queue)).toBe('grows by 30/min');
	expect(queueWords({ ...queue, state: 'draining', drain_s: 240 })).toBe('empty in 4 min');
	expect(queueWords({ ...queue, state: null, depth: null })).toBe('not read');
	serve({ '/fleet': fleet, '/services': queues });
	const root = show(<FleetPage view={all} />);
	await says(root, 'grows by 30/min');
	expect(root.querySelector('.queue-state')?.getAttribute('href')).toBe('/queues/1');
});

test.each([
	['host', groupsHost, 'checkout 1.1.0', '/hosts/1'],
	['version', groupsVersion, 'on 1 of 1 host', '/fingerprints/2'],
] as const)('grouped by %s', async (by, answer, words, link) => {
	const sent = serve({ '/fleet': fleet, '/groups': answer });
	const root = show(<FleetPage view={{ ...all, by, q: 'e' }} />);
	await says(root, words);
	expect(sent.map((s) => s.path)).toContain(`/groups?by=${by}&q=e&limit=200`);
	expect(root.querySelector('.row-link')?.getAttribute('href')).toBe(link);
});

test('grouped by a label: the first key there is, and hosts without it', async () => {
	const sent = serve({ '/fleet': fleet, '/hosts': hosts, '/groups': groupsLabel });
	const root = show(<FleetPage view={{ ...all, by: 'label' }} />);
	await says(root, 'without env');
	expect(sent.map((s) => s.path)).toContain('/groups?by=label&label=env&limit=200');
	button(root, 'zone').click();
	expect(location.search).toBe('?by=label&label=zone');
});

test('labels are explained where there are none', async () => {
	serve({ '/fleet': fleet, '/hosts': { ...hosts, labels: [] } });
	const root = show(<FleetPage view={{ ...all, by: 'label' }} />);
	await says(root, 'No host has a label yet');
});

test('what is worst of a host names the service and how many more', () => {
	const host = { ...groupsHost.items[0], services_leaking: 3, exhaust_at_ms: null } as GroupRow;
	expect(worstWords(host, 0)).toBe('checkout 1.1.0 and 2 more services');
	expect(worstWords({ ...host, instances_leaking: 0 }, 0)).toBeNull();
});
