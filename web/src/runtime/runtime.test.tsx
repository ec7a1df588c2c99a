import { expect, test, vi } from 'vitest';
import census from '../../../schema/api/census.json';
import golden from '../../../schema/api/insides.json';
import none from '../../../schema/api/insides_none.json';
import one from '../../../schema/api/instance.json';
import series from '../../../schema/api/series.json';
import service from '../../../schema/api/service_contents.json';
import type { CensusItem, Insides, Instance, SeriesAnswer } from '../api/types';
import { type RuntimeView, parse } from '../app/address';
import { button, never, problem, says, serve, show, textOf } from '../testing/page';
import { modelOf } from './charts';
import { RuntimePage, shownOf } from './runtime';
import { byGrowth, censusRows, costSentence, perHour, perRequest, runtimeKind, spaces } from './words';

const insides = golden as unknown as Insides;
const instance = one as Instance;
const items = [{ ...instance, id: 28, running: true }, { ...instance, id: 27, running: true, ordinal: 1 }];
const answers = { '/services/21': service, '/services/21/instances': { items }, '/instances/28/insides': golden, '/instances/27/insides': none,
	'/services/21/census': census, '/series': series };
const plain = (text: string | null) => text?.replaceAll('\u00a0', ' ');

function view(search = ''): RuntimeView {
	return (parse('/services/21/runtime', search) as { view: RuntimeView }).view;
}

test('the heap is told in per cent of its real limit, with the floor after full collections', async () => {
	serve(answers);
	const root = show(<RuntimePage id={21} view={view()} />);
	await says(root, '34.2 % of the heap’s limit in use');
	const text = textOf(root);
	expect(text).toMatch(/after full GC 79\.4 MiB.*used 87\.7 MiB.*committed 96\.0 MiB.*limit 256 MiB/);
	expect(text).toMatch(/Delay, 99 %11\.8 ms.*Busy44\.3 %.*All1,254 6\/min.*Timers20,708.*Requests23\/s/);
	expect(text).toContain('Read through the preloaded script. The last reading took the agent 640 µs and 1 KiB. '
		+ 'The longest pause of the process for it was 210 µs.');
});

test('beside it stand the other instances; one that is not read says the next step', async () => {
	serve(answers);
	const root = show(<RuntimePage id={21} view={view('?instance=27')} />);
	await says(root, 'are not read');
	expect(textOf(root.querySelector('.command') as Element)).toContain('NODE_OPTIONS="--require /usr/lib/tidemark/tidemark-preload.js"');
	expect(textOf(root)).toContain('inspect = orders');
	expect(textOf(root.querySelector('[aria-label=Instances]') as Element)).toMatch(/preload.*not read/);
});

test('where nothing is read the page says how to begin, and what else can be read', async () => {
	serve({ ...answers, '/instances/28/insides': none });
	await says(show(<RuntimePage id={21} view={view()} />), 'The insides of its processes are not read yet');
	const native = { ...service, versions: service.versions.map((v) => ({ ...v, runtime: '' })) };
	serve({ ...answers, '/services/21': native, '/instances/28/insides': none });
	await says(show(<RuntimePage id={21} view={view()} />), 'The insides of Node.js and of the JVM');
	const java = { ...service, versions: service.versions.map((v) => ({ ...v, runtime: 'java 17.0.9' })) };
	serve({ ...answers, '/services/21': java, '/instances/28/insides': none });
	await says(show(<RuntimePage id={21} view={view()} />), 'UsePerfData');
});

test('the census is sorted by growth, with path and line', async () => {
	serve(answers);
	const root = show(<RuntimePage id={21} view={view()} />);
	await says(root, 'autocast.js:7:3');
	const rows = [...root.querySelectorAll('[aria-label=Census] tbody tr')].map(textOf);
	expect(rows[0]).toMatch(/timers.*Timeout.*node_modules\/@pm2\/io.*\+720\/h.*23,480.*20,600.*web-2.*46,960 in 2 processes/);
	expect(rows.at(-1)).toContain('one reading');
	expect(root.querySelectorAll('[aria-label=Census] .spark')).toHaveLength(4);
});

test('it is filtered by kind and word, which the address keeps', async () => {
	vi.stubGlobal('scrollTo', () => {});
	const sent = serve(answers);
	const root = show(<RuntimePage id={21} view={view('?kind=listeners&hours=168')} />);
	await says(root, 'Redis error');
	expect(root.querySelectorAll('[aria-label=Census] tbody tr')).toHaveLength(1);
	expect(sent.some((s) => s.path.startsWith('/services/21/census?hours=168'))).toBe(true);
	button(root, 'timers').click();
	expect(location.search).toContain('kind=timers');
	const all = census.items as unknown as CensusItem[];
	expect(censusRows(all, { kind: '', q: 'queue.js 18' }).map((r) => r.kind)).toEqual(['listeners']);
	expect([...all].reverse().sort(byGrowth).map((r) => r.kind)).toEqual(['timers', 'listeners', 'closures', 'resources', 'classes']);
});

test('a census that is empty says when one comes', async () => {
	serve({ ...answers, '/services/21/census': { items: [] } });
	await says(show(<RuntimePage id={21} view={view()} />), 'Nothing was counted in the last 1 d');
});

test('the heap chart has a line for each metric that was read, and the limit as a level', () => {
	const of = (metric: string, value: number | null): SeriesAnswer => ({ ...(series as SeriesAnswer), metric,
		series: (series as SeriesAnswer).series.slice(0, 1).map((s) => ({ ...s, values: s.values.map(() => value) })) });
	const model = modelOf([of('heap_used_kb', 5), of('heap_floor_kb', null), of('heap_limit_kb', 2048)],
		[['heap_used_kb', 'used'], ['heap_floor_kb', 'after full GC'], ['heap_limit_kb', 'limit']]);
	expect(model.lines.map((l) => l.name)).toEqual(['used']);
	expect(model.levels.map((l) => plain(l.text))).toEqual(['limit 2 MiB']);
});

test('the floor stands until the next full collection, and falls with the process', () => {
	const of = (metric: string, values: (number | null)[]): SeriesAnswer => ({ ...(series as SeriesAnswer), metric,
		series: (series as SeriesAnswer).series.slice(0, 1).map((s) => ({ ...s, values })) });
	const model = modelOf([of('heap_used_kb', [9, 9, 8, null, 9, 2, 3]), of('heap_floor_kb', [null, 5, null, null, 6, null, 2])],
		[['heap_used_kb', 'used'], ['heap_floor_kb', 'after full GC']]);
	expect(model.lines[1]?.values).toEqual([null, 5, 5, null, 6, null, 2]);
});

test('where an agent says why nothing is read, it is told, once for each host', async () => {
	const why = { ...none, problem: 'may not use the preload socket of process 4779: it belongs to user 0' };
	serve({ ...answers, '/instances/28/insides': why, '/instances/27/insides': why });
	const root = show(<RuntimePage id={21} view={view()} />);
	await says(root, 'web-1: may not use the preload socket');
	expect(root.querySelectorAll('.obstacles li')).toHaveLength(1);
	serve({ ...answers, '/instances/28/insides': { ...golden, problem: 'the census took too long' } });
	await says(show(<RuntimePage id={21} view={view()} />), 'the census took too long');
});

test('memory per request needs sure growth and known load', () => {
	const rate = { kb_h: 28_800, low_kb_h: 27_900, high_kb_h: 29_600 };
	expect(plain(perRequest(rate, 23))).toBe('356 B more');
	expect(plain(perRequest(rate, 0.5))).toBe('16 KiB more');
	expect(perRequest({ ...rate, low_kb_h: -1 }, 23)).toBe('none: no growth beyond noise');
	expect(perRequest(rate, 0)).toBeNull();
	expect(perRequest(null, 23)).toBeNull();
});

test('a route that is not known, costs that are not', () => {
	expect(costSentence({ ...insides, route: 'jvm', cost: { took_us: null, bytes: null, pause_us: null } })).toBe('Read through the files of the JVM.');
	expect(plain(costSentence({ ...insides, cost: { took_us: 1200, bytes: null, pause_us: null } }))).toContain('took the agent 1.20 ms.');
	expect(spaces({ heap_new_kb: 1 })).toEqual([{ name: 'young', kb: 1 }]);
	expect(perHour(-0.4)).toBe('−0.40/h');
	expect(runtimeKind(['', 'node 20.11.1'])).toBe('node');
});

test('the worst instances are read, and the chosen one among them', () => {
	const many = Array.from({ length: 30 }, (_, i) => ({ ...instance, id: i + 1, running: i !== 29, verdict: 'steady' as const }));
	expect(shownOf(many, null)).toHaveLength(12);
	expect(shownOf(many, 25).map((i) => i.id)).toContain(25);
	expect(shownOf(many, 30).map((i) => i.id)).toContain(30);
});

test('loading is quiet; a failure is told and leaves the census standing', async () => {
	serve({ '/services/21': never });
	expect(show(<RuntimePage id={21} view={view()} />).querySelector('[role=status]')).not.toBeNull();
	serve({ ...answers, '/instances/28/insides': problem(503, 'The database is away.') });
	const root = show(<RuntimePage id={21} view={view()} />);
	await says(root, 'The database is away.');
	await says(root, 'autocast.js:7:3');
});
