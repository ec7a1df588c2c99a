import { expect, test } from 'vitest';
import alert from '../../../schema/api/alert.json';
import deploys from '../../../schema/api/deploys.json';
import queues from '../../../schema/api/service_queues.json';
import service from '../../../schema/api/service_contents.json';
import warnings from '../../../schema/api/warnings.json';
import type { Alert, Service, Warning } from '../api/types';
import { button, problem, says, serve, show, textOf } from '../testing/page';
import { otherFields, warningSentence, whoWarned } from '../warnings/words';
import { Deploys, Queues, Warnings, WarningsInside, warningsInside } from './beside';

const orders = service as Service;
const rows = warnings.items as unknown as Warning[];

test('warnings are in words, with their fields, instance and times', async () => {
	serve({ '/services/21/warnings': warnings });
	const root = show(<Warnings service={orders} />);
	await says(root, 'Too many listeners: 11 listeners for “error” on Redis');
	const said = [...root.querySelectorAll('tbody tr')].map(textOf);
	expect(said[0]).toMatch(/queue\.js:18:9.*web-2 #0, pid 6101.*deps 3f2a91.*2,841.*preload/);
	expect(said[1]).toContain('Uncaught exception: TypeError');
	expect(said[2]).toContain('Killed for lack of memory: by the kernel (pm2-root.service) with 512 MiB of its own');
});

test('what no sentence tells is listed by name', () => {
	const pattern = { kind: 'pattern', fields: { pattern: 'slow job', job_kind: 'mail', took: '41 s' } } as const;
	expect(warningSentence(pattern)).toBe('slow job');
	expect(otherFields(pattern)).toEqual([['job_kind', 'mail'], ['took', '41 s']]);
	expect(warningSentence({ kind: 'heap_out_of_memory', fields: { heap_mb: '254', limit_mb: '256' } })).toBe('the heap had 254 MiB of at most 256 MiB');
	expect(warningSentence({ kind: 'heap_out_of_memory', fields: {} })).toBe('the runtime gave up');
	expect(whoWarned({ host: { id: 1, name: 'web-1' } })).toBe('web-1');
});

test('an alert shows the warnings of its versions, and no others', async () => {
	const about = { ...(alert as unknown as Alert), instances: [],
		finding: { ...(alert as unknown as Alert).finding, service: { id: 21, name: 'orders' }, versions: [{ id: 26, version: '2.0.0' }] } };
	expect(warningsInside(rows, about).map((w) => w.id)).toEqual([1, 2]);
	serve({ '/services/21/warnings': warnings });
	const root = show(<WarningsInside alert={about} />);
	await says(root, 'Warnings of its processes');
	expect(root.querySelectorAll('tbody tr')).toHaveLength(2);
});

test('where there is nothing there is no heading; a failure is not nothing', async () => {
	serve({ '/services/21/warnings': { items: [] }, '/services/21/queues': problem(503, 'The database is away.') });
	expect(textOf(show(<Warnings service={orders} />))).toBe('');
	await says(show(<Queues service={orders} />), 'Queues could not be loaded. The database is away.');
});

test('the queues of a service stand on its page', async () => {
	serve({ '/services/21/queues': queues });
	const root = show(<Queues service={orders} />);
	await says(root, 'never at this rate');
	expect(root.querySelectorAll('tbody tr')).toHaveLength(2);
});

test('deploys are listed, and somebody may mark one', async () => {
	const sent = serve({ '/services/21/deploys': deploys, '/deploys': deploys.items[0] });
	const root = show(<Deploys service={orders} />);
	await says(root, 'load changed: ab -c 10 for ten minutes, says ada');
	expect(root.querySelector('a[href="/fingerprints/26"]')?.textContent).toContain('2.0.0 · deps 3f2a91 deployed');
	button(root, 'Mark a change').click();
	await says(root, 'Mark a change of orders');
	const form = root.querySelector('dialog form') as HTMLFormElement;
	const fill = (name: string, value: string) => { (form.elements.namedItem(name) as HTMLInputElement).value = value; };
	fill('at', 'yesterday');
	button(form, 'Mark it').click();
	await says(root, 'must be written such as');
	fill('at', '2025-10-12 14:32');
	fill('version', '2.0.1');
	button(form, 'Mark it').click();
	await says(root, 'deployed');
	expect(sent.find((s) => s.path === '/deploys')?.body).toEqual({ service: 'orders', kind: 'deploy', at_ms: Date.UTC(2025, 9, 12, 14, 32), version: '2.0.1' });
});

test('who may only look cannot mark', async () => {
	serve({ '/services/21/deploys': deploys });
	const root = show(<Deploys service={orders} />, { user: 'vera', role: 'viewer', services: null, password_is_one_time: false });
	await says(root, 'Deploys and changes');
	expect(root.querySelector('button')).toBeNull();
});
