import { expect, test, vi } from 'vitest';
import feedback from '../../../schema/api/feedback.json';
import failed from '../../../schema/api/replay_failed.json';
import replay from '../../../schema/api/replay.json';
import replays from '../../../schema/api/replays.json';
import sensitivity from '../../../schema/api/sensitivity.json';
import set from '../../../schema/api/sensitivity_set.json';
import service from '../../../schema/api/service.json';
import waiting from '../../../schema/api/replay_waiting.json';
import { touch } from '../api/resource';
import type { Feedback } from '../api/types';
import { Toasts } from '../ui/toast';
import { ada, button, never, problem, says, serve, show, textOf } from '../testing/page';
import { DetectionPage } from './detection';
import { about } from './feedback';

const answers = {
	'/services/1': service, '/services/1/sensitivity': sensitivity, '/services/1/feedback': feedback,
	'/services/1/replays': replays, '/replays/2': replay, '/replays/1': failed };

function page(replayId: number | null = null) {
	return <><DetectionPage id={1} view={{ replay: replayId }} /><Toasts /></>;
}

test('each sensitivity says what it means, and the default that it is one', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'The default: nobody has changed it');
	for (const words of ['Alerts late and rarely', 'Alerts when it is sure', 'errs more often']) expect(textOf(root)).toContain(words);
	expect(root.querySelector<HTMLInputElement>('input[type=radio]:checked')?.value).toBe('normal');
});

test('choosing another sensitivity stores it, and can be undone', async () => {
	const sent = serve({ ...answers, '/services/1/sensitivity': (init: RequestInit) => init.method === 'PUT' ? set : sensitivity });
	const root = show(page());
	await says(root, 'The default');
	const eager = root.querySelector('input[value=eager]') as HTMLInputElement;
	eager.click();
	expect([eager.checked, (root.querySelector('fieldset') as HTMLFieldSetElement).disabled]).toEqual([true, false]);
	await says(root, 'From now on eager.');
	await says(root, 'Set by bob');
	const put = sent.find((s) => s.method === 'PUT');
	expect([put?.path, put?.body]).toEqual(['/services/1/sensitivity', { sensitivity: 'eager' }]);
	button(root, 'Undo').click();
	await vi.waitFor(() => expect(sent.filter((s) => s.method === 'PUT').at(-1)?.body).toEqual({ sensitivity: 'normal' }));
});

test('a refusal is told, and what stands stays', async () => {
	serve({ ...answers, '/services/1/sensitivity': (init: RequestInit) =>
		init.method === 'PUT' ? problem(503, 'The database is away.') : sensitivity });
	const root = show(page());
	await says(root, 'The default');
	(root.querySelector('input[value=calm]') as HTMLInputElement).click();
	await says(root, 'The database is away.');
	await says(root, 'The default');
	await vi.waitFor(() => expect(root.querySelector<HTMLInputElement>('input:checked')?.value).toBe('normal'));
});

test('what people said is listed with its reason, and can be withdrawn', async () => {
	let withdrawn = false;
	const sent = serve({ ...answers, '/services/1/feedback': () => withdrawn ? { items: [] } : feedback,
		'/feedback/1': () => { withdrawn = true; return { ...feedback.items[0], withdrawn_at_ms: 1 }; } });
	const root = show(page());
	await says(root, feedback.items[0]?.reason as string);
	expect(root.querySelector('.feedback a')?.getAttribute('href')).toBe('/alerts/2');
	button(root, 'Withdraw').click();
	await says(root, 'Withdrawn: it may alert again.');
	await says(root, 'Nothing. An alert can be resolved');
	expect(sent.find((s) => s.path === '/feedback/1')?.method).toBe('DELETE');
});

test('what was said is said of a version, a kind and a rate', () => {
	expect(about(feedback.items[0] as Feedback)).toBe('of “version 15 grows outside the heap”, then by 9\u00a0MiB/h');
});

test('the newest replay is shown with its answer and the table of it', async () => {
	serve(answers);
	const root = show(page());
	await says(root, 'Eager would have alerted on 1 instance and watched 1 instance');
	expect(root.querySelectorAll('.lanes tbody tr')).toHaveLength(2);
	expect(root.querySelectorAll('.lane rect').length).toBe(replay.alarms.length + replay.raised.length);
	expect(root.querySelector('[aria-label=Replays] [aria-current]')?.textContent).toContain('eager');
});

test('a replay that failed says why', async () => {
	serve(answers);
	const root = show(page(1));
	await says(root, 'The server stopped while it ran; ask again');
	expect(root.querySelector('[role=alert]')).not.toBeNull();
});

test('asking goes to the new replay, which comes alive by itself', async () => {
	let state: unknown = { ...waiting, id: 9 };
	const sent = serve({ ...answers, '/services/1/replays': (init: RequestInit) =>
		init.method === 'POST' ? { ...waiting, id: 9 } : { items: [state] }, '/replays/9': () => state });
	const root = show(page(9));
	await says(root, 'It waits for the detector');
	expect(button(root, 'Ask').disabled).toBe(true);
	expect(textOf(root)).toContain('One is under way');
	state = { ...replay, id: 9 };
	touch(['replays']);
	await says(root, 'Eager would have alerted');
	await vi.waitFor(() => expect(button(root, 'Ask').disabled).toBe(false));
	const days = root.querySelector('select[name=days]') as HTMLSelectElement;
	days.value = '7';
	days.dispatchEvent(new Event('change', { bubbles: true }));
	await new Promise((done) => setTimeout(done)); // as between two movements of a hand
	button(root, 'Ask').click();
	await vi.waitFor(() => expect(location.search).toBe('?replay=9'));
	const asked = sent.find((s) => s.method === 'POST')?.body as { sensitivity: string; from_ms: number };
	expect(asked.sensitivity).toBe('eager');
	expect(Math.round((Date.now() - asked.from_ms) / 86_400_000)).toBe(7);
});

test('an open replay of somebody else is told', async () => {
	serve({ ...answers, '/services/1/replays': (init: RequestInit) =>
		init.method === 'POST' ? problem(409, 'replay 12 of this service is still running') : { items: [] } });
	const root = show(page());
	await says(root, 'Nothing has been asked yet.');
	button(root, 'Ask').click();
	await says(root, 'replay 12 of this service is still running');
});

test('each part fails for itself', async () => {
	serve({ ...answers, '/services/1/replays': () => problem(503, 'The database is away.') });
	const root = show(page());
	await says(root, 'The database is away.');
	await says(root, feedback.items[0]?.reason as string);
});

test('who may only look is shown everything and offered nothing', async () => {
	serve(answers);
	const root = show(page(), { ...ada, role: 'viewer' });
	await says(root, 'Eager would have alerted');
	expect((root.querySelector('fieldset') as HTMLFieldSetElement).disabled).toBe(true);
	expect(root.querySelector('.ask-replay')).toBeNull();
	expect(root.querySelector('.feedback button')).toBeNull();
});

test('loading keeps the page quiet', () => {
	serve({ '/services/1': never });
	expect(show(page()).querySelector('[role=status]')).not.toBeNull();
});
