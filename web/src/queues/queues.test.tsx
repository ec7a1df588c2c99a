import { expect, test } from 'vitest';
import queue from '../../../schema/api/queue.json';
import series from '../../../schema/api/queue_series.json';
import queues from '../../../schema/api/queues.json';
import sources from '../../../schema/api/sources.json';
import { never, problem, says, serve, show, textOf } from '../testing/page';
import { QueuePages } from './pages';
import { EXAMPLE, QueuesPage } from './queues';

const view = { q: '' };

test('queues are told by in against out, those that grow first, with their services', async () => {
	serve({ '/queues': queues, '/sources': sources });
	const root = show(<QueuesPage view={view} />);
	await says(root, '1 of 4 queues grows');
	const [first] = root.querySelectorAll('[aria-label=Queues] tbody tr');
	expect(textOf(first as Element)).toMatch(/mail.*in 120.*out 90.*\+30\/min.*2,795.*never at this rate/);
	expect([...(first as Element).querySelectorAll('.c-ends a')].map((a) => a.getAttribute('href'))).toEqual(['/services/1', '/services/21']);
	expect(first?.querySelector('.row-link')?.getAttribute('href')).toBe('/queues/1');
});

test('a source that fails is told with its reason, before those that work', async () => {
	serve({ '/queues': queues, '/sources': sources });
	const root = show(<QueuesPage view={view} />);
	await says(root, 'no answer within 2,000 ms');
	const [first] = root.querySelectorAll('[aria-label=Sources] tbody tr');
	expect(textOf(first as Element)).toMatch(/old-jobs.*fails/);
});

test('what agents read besides queues stands back', async () => {
	const own = sources.items.filter((s) => !s.name.startsWith('insides '));
	const other = { ...sources.items[0], id: 9, name: 'insides checkout', kind: 'preload', works: false, text: 'may not' };
	serve({ '/queues': queues, '/sources': { items: [...own, other] } });
	const root = show(<QueuesPage view={view} />);
	await says(root, '1 other source of agents, such as runtimes and logs; 1 fails');
	expect(root.querySelectorAll('[aria-label=Sources] tbody tr')).toHaveLength(own.length);
});

test('without a queue there is a section to copy', async () => {
	serve({ '/queues': { items: [] }, '/sources': { items: [] } });
	const root = show(<QueuesPage view={view} />);
	await says(root, 'No queue is read yet');
	expect(root.querySelector('.command code')?.textContent).toBe(EXAMPLE);
	expect(EXAMPLE).toMatch(/^\[queue \S+\]\nkind = bullmq\nurl = redis:/);
});

test('the filter finds by name, kind, host and service, or says that it does not', async () => {
	serve({ '/queues': queues, '/sources': sources });
	let root = show(<QueuesPage view={{ q: 'rabbit' }} />);
	await says(root, 'orders.paid');
	expect(root.querySelectorAll('[aria-label=Queues] tbody tr')).toHaveLength(1);
	root = show(<QueuesPage view={{ q: 'nope' }} />);
	await says(root, 'No queue matches');
});

test('a queue has its charts, figures and services', async () => {
	const sent = serve({ '/queues/1': queue, '/queues/1/series': series, '/sources': sources });
	const root = show(<QueuePages place={{ page: 'queue', id: 1, view: { range: '1h', zoom: null } }} />);
	await says(root, '120 a minute come in and 90 go out');
	await says(root, 'Age of the oldest item');
	expect(textOf(root.querySelector('.column-side') as Element)).toMatch(/Overdue3.*Oldest item25 min.*checkout.*orders.*works/);
	expect(sent.find((s) => s.path.startsWith('/queues/1/series'))?.path).toMatch(/from=\d+&to=\d+&points=\d+/);
	root.querySelector<HTMLElement>('.figure-table summary')?.click();
	await says(root, 'in120 /min'); // the figures, for who does not see the chart
});

test('loading is quiet, a failure is told', async () => {
	serve({ '/queues': never });
	expect(show(<QueuesPage view={view} />).querySelector('[role=status]')).not.toBeNull();
	serve({ '/queues': problem(503, 'The database is away.') });
	await says(show(<QueuesPage view={view} />), 'The database is away.');
});

test('names from queues are text, whatever they say', async () => {
	const name = '<img src=x onerror="alert(1)">';
	serve({ '/queues': { items: [{ ...queue, name }] }, '/sources': { items: [] } });
	const root = show(<QueuesPage view={view} />);
	await says(root, name);
	expect(root.querySelector('img')).toBeNull();
});
