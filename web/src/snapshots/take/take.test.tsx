import { beforeEach, expect, test, vi } from 'vitest';
import asks from '../../../../schema/api/capture_asks.json';
import cancelled from '../../../../schema/api/capture_cancelled.json';
import denied from '../../../../schema/api/capture_denied.json';
import done from '../../../../schema/api/capture_done.json';
import failed from '../../../../schema/api/capture_failed.json';
import ordered from '../../../../schema/api/capture_ordered.json';
import quoted from '../../../../schema/api/capture_quoted.json';
import quoting from '../../../../schema/api/capture_quoting.json';
import refused from '../../../../schema/api/capture_refused.json';
import running from '../../../../schema/api/capture_running.json';
import instances from '../../../../schema/api/service_instances.json';
import service from '../../../../schema/api/service.json';
import { touch } from '../../api/resource';
import type { Instance, Service } from '../../api/types';
import { parse } from '../../app/address';
import { place } from '../../app/router';
import { ada, button, problem, says, serve, show, textOf } from '../../testing/page';
import { Toasts } from '../../ui/toast';
import { lastHealthy, offered } from './choice';
import { TakeDialog } from './dialog';

const all = instances.items as Instance[];

function Page() {
	const at = place.value;
	if (at.page !== 'snapshots') return <p>elsewhere</p>;
	return <><TakeDialog service={service as unknown as Service} view={at.view} /><Toasts /></>;
}

function open(address: string): void {
	history.replaceState(null, '', address);
	place.value = parse(location.pathname, location.search);
}

const CAPTURE = `/captures/${quoted.id}`;
const ASKED = `/services/1/snapshots?capture=${quoted.id}`;

beforeEach(() => {
	vi.stubGlobal('scrollTo', () => {});
	open('/services/1/snapshots?take=choose');
});

/** What was clicked is known to the next click, as it is between two clicks of a person. */
const painted = () => new Promise((done) => setTimeout(done, 10));

test('the clearest growth is chosen, the last healthy one comes last and is marked', () => {
	const some = [
		{ ...all[0], id: 1, verdict: 'steady', running: true }, { ...all[0], id: 2, verdict: 'leak', running: true, rate: { kb_h: 5, low_kb_h: 4, high_kb_h: 6 } },
		{ ...all[0], id: 3, verdict: 'leak', running: true, rate: { kb_h: 9, low_kb_h: 8, high_kb_h: 10 } },
		{ ...all[0], id: 4, verdict: 'leak', running: false },
	] as Instance[];
	expect(offered(some).map((i) => i.id)).toEqual([3, 2, 1]);
	expect(lastHealthy(some)).toBe(1);
	expect(lastHealthy([...some, { ...(some[0] as Instance), id: 9 }])).toBeNull();
});

test('an instance is asked for its cost', async () => {
	const sent = serve({ '/services/1/instances': instances, [`/captures/${quoting.id}`]: quoting,
		...Object.fromEntries(all.map((i) => [`/instances/${i.id}/captures`, quoting])) });
	const root = show(<Page />);
	await says(root, 'clearest growth');
	const best = offered(all)[0] as Instance;
	expect((root.querySelector('input:checked') as HTMLInputElement).value).toBe(String(best.id));
	button(root, 'Show what it costs').click();
	await says(root, 'is asked what it would cost. Nothing is taken yet.');
	expect(sent.some((s) => s.method === 'POST' && s.path === `/instances/${best.id}/captures`)).toBe(true);
	expect(location.search).toBe(`?capture=${quoting.id}`);
});

test('whoever comes for an instance finds it chosen', async () => {
	const other = offered(all).at(-1) as Instance;
	open(`/services/1/snapshots?take=${other.id}`);
	serve({ '/services/1/instances': instances });
	const root = show(<Page />);
	await says(root, 'Show what it costs');
	expect((root.querySelector('input:checked') as HTMLInputElement).value).toBe(String(other.id));
});

test('a refusal of the server is told, and the choice stays', async () => {
	serve({ '/services/1/instances': instances,
		...Object.fromEntries(all.map((i) => [`/instances/${i.id}/captures`, () => problem(409, 'Another capture of this host is under way.')])) });
	const root = show(<Page />);
	await says(root, 'clearest growth');
	button(root, 'Show what it costs').click();
	await says(root, 'Another capture of this host is under way.');
	expect(root.querySelector('.choices')).not.toBeNull();
});

test('an allowed capture is confirmed, with the raw file if an administrator wants it', async () => {
	open(ASKED);
	const answers: Record<string, unknown> = { [CAPTURE]: quoted, [`${CAPTURE}/confirm`]: () => {
		answers[CAPTURE] = ordered;
		return ordered;
	} };
	const sent = serve(answers);
	const root = show(<Page />);
	await says(root, 'The process will answer nothing for about 4.5 s.');
	await says(root, 'It may be taken.');
	(root.querySelector('.consent input') as HTMLInputElement).click();
	await painted();
	button(root, 'Take the snapshot').click();
	await says(root, 'has been told and will begin');
	expect(sent.find((s) => s.path === `${CAPTURE}/confirm`)?.body).toEqual({ keep_raw: true });
});

test('where the gate asks, an administrator overrules with a tick', async () => {
	open(ASKED);
	const sent = serve({ [CAPTURE]: asks, [`/captures/${asks.id}/confirm`]: ordered });
	const root = show(<Page />);
	await says(root, 'The pause of about 4.5 s is over the limit of 2.0 s.');
	expect(button(root, 'Overrule and take it').disabled).toBe(true);
	(root.querySelector('.consent input') as HTMLInputElement).click();
	await vi.waitFor(() => expect(button(root, 'Overrule and take it').disabled).toBe(false));
	button(root, 'Overrule and take it').click();
	await vi.waitFor(() => expect(sent.find((s) => s.path.endsWith('/confirm'))?.body).toEqual({ overrule: true }));
});

test('an operator cannot overrule, and nobody a refusal', async () => {
	open(ASKED);
	serve({ [CAPTURE]: asks });
	const operator = show(<Page />, { ...ada, role: 'operator' });
	await says(operator, 'An administrator may overrule this');
	expect(textOf(operator)).not.toContain('Overrule and take it');
	serve({ [CAPTURE]: refused });
	const root = show(<Page />);
	await says(root, 'nobody may overrule this');
	expect(textOf(root)).not.toContain('Take the snapshot');
});

test('an operator takes what is allowed, without the raw file', async () => {
	open(ASKED);
	serve({ [CAPTURE]: quoted });
	const root = show(<Page />, { ...ada, role: 'operator' });
	await says(root, 'Take the snapshot');
	expect(textOf(root)).not.toContain('raw file');
});

test('who says no cancels it', async () => {
	open(ASKED);
	const sent = serve({ [CAPTURE]: quoted, [`${CAPTURE}/cancel`]: cancelled });
	const root = show(<Page />);
	await says(root, 'Do not take it');
	button(root, 'Do not take it').click();
	await vi.waitFor(() => expect(location.search).toBe(''));
	expect(sent.some((s) => s.path === `${CAPTURE}/cancel`)).toBe(true);
});

test('who watches it is led to the summary', async () => {
	open(ASKED);
	const answers: Record<string, unknown> = { [CAPTURE]: running };
	serve(answers);
	const root = show(<Page />);
	await says(root, 'streams from the process');
	expect((root.querySelector('progress') as HTMLProgressElement).value).toBe(running.progress_permille);
	answers[CAPTURE] = done;
	touch(['snapshots']);
	await vi.waitFor(() => expect(place.value).toMatchObject({ page: 'snapshot', id: done.snapshot }));
});

test('who comes later is not pulled away', async () => {
	open(ASKED);
	serve({ [CAPTURE]: done });
	const root = show(<Page />);
	await says(root, 'Open the summary');
	expect(place.value.page).toBe('snapshots');
});

test.each([[denied, 'The process was not touched. The capture needs 604 MiB'], [failed, 'It failed. The process ended'],
	[cancelled, 'It was cancelled.']])('an end without a snapshot says why', async (capture, text) => {
	open(ASKED);
	serve({ [CAPTURE]: capture });
	const root = show(<Page />);
	await says(root, text.replace('. ', '.').slice(0, 20));
	expect(textOf(root)).toContain(text.split('. ').at(-1) as string);
	button(root, 'Choose an instance again').click();
	expect(location.search).toBe('?take=choose');
});

test('that a process goes on is claimed only where it is known', async () => {
	open(ASKED);
	serve({ [CAPTURE]: failed });
	const dead = show(<Page />);
	await says(dead, 'It failed.');
	expect(textOf(dead)).not.toContain('goes on');
	serve({ [CAPTURE]: { ...cancelled, confirmed_by: 'ada' } });
	const told = show(<Page />);
	await says(told, 'The agent may have begun already.');
	expect(textOf(told)).not.toContain('not touched');
	serve({ [CAPTURE]: { ...cancelled, asked_by: 'ada', confirmed_by: null } });
	await says(show(<Page />), 'The process was not touched.');
});

test('a viewer who follows a link is told', async () => {
	serve({ '/services/1/instances': instances });
	await says(show(<Page />, { ...ada, role: 'viewer' }), 'Your role may look at snapshots, but not take them');
});
