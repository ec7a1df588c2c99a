import { expect, test, vi } from 'vitest';
import fleet from '../../../schema/api/fleet.json';
import services from '../../../schema/api/services.json';
import type { Fleet, Rate } from '../api/types';
import { VERDICTS } from '../app/address';
import { growth } from '../format/number';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { VERDICT_HELP, VERDICT_WORDS, VerdictGlyph } from '../ui/verdict';
import { headline } from './figures';
import { FleetPage } from './fleet';

const all = { q: '', verdict: '' } as const;
const nothing = { ...fleet, hosts: 0, services: 0, instances: 0 };

test('services are shown in the order of the API, each with its verdict in words', async () => {
	serve({ '/fleet': fleet, '/services': services });
	const root = show(<FleetPage view={all} />);
	await says(root, services.items[0]?.summary as string);
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
	const root = show(<FleetPage view={{ q: 'check', verdict: 'leak' }} />);
	await says(root, 'checkout');
	expect(sent.map((s) => s.path)).toContain('/services?q=check&verdict=leak&limit=100');
	expect(button(root, 'leaks').getAttribute('aria-pressed')).toBe('true');
});

test('more is read when there is more', async () => {
	const second = { items: [{ ...services.items[0], id: 77, name: 'the-last-one' }] };
	serve({ '/fleet': fleet, '/services?limit=100': services,
		[`/services?limit=100&after=${services.next}`]: second });
	const root = show(<FleetPage view={all} />);
	await says(root, 'Show more');
	button(root, 'Show more').click();
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
	const root = show(<FleetPage view={{ q: 'nope', verdict: '' }} />);
	await says(root, 'No service with “nope” in its name');
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
