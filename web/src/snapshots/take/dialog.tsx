// Taking a snapshot: choose an instance, see the cost, say yes, watch. Each step has its
// address, so that it survives a reload and can be sent to a colleague.
import { useEffect, useRef } from 'preact/hooks';
import { useResource } from '../../api/resource';
import type { Capture, Service } from '../../api/types';
import { type SnapshotsView, href } from '../../app/address';
import { go } from '../../app/router';
import { mayAct } from '../../session/session';
import { Dialog } from '../../ui/dialog';
import { Loaded } from '../../ui/states';
import { Until } from '../../ui/time';
import { Progress, reasonOf } from '../captures';
import { CAPTURE_WORDS, seat, sentence } from '../words';
import { rich, t } from '../../words/words';
import { cancel } from './actions';
import { Choose } from './choose';
import { Cost } from './cost';

export function TakeDialog({ service, view }: { service: Service; view: SnapshotsView }) {
	const to = (changed: Partial<SnapshotsView>) =>
		go(href.snapshots(service.id, { pick: view.pick, ...changed }), { replace: true });
	const close = () => to({});
	if (view.capture !== null)
		return <CaptureDialog key={view.capture} id={view.capture} close={close} again={() => to({ take: 'choose' })} />;
	if (view.take === null) return null;
	return (
		<Dialog title={t('Take a snapshot of {name}', { name: service.name })} close={close} wide>
			{mayAct()
				? <Choose service={service} preferred={view.take === 'choose' ? null : view.take}
					asked={(capture) => to({ capture })} />
				: <p>{t('Your role may look at snapshots, but not take them. Ask an operator or an administrator.')}</p>}
		</Dialog>
	);
}

function CaptureDialog({ id, close, again }: { id: number; close: () => void; again: () => void }) {
	const resource = useResource<Capture>(`/captures/${id}`, ['snapshots']);
	const capture = resource.data.value;
	const before = useRef<Capture['state'] | undefined>(undefined);
	const state = capture?.state;
	// Who has watched it is led to the result; who comes later is not pulled away.
	useEffect(() => {
		const watched = before.current !== undefined && before.current !== state;
		before.current = state;
		if (watched && state === 'done' && capture?.snapshot) go(href.snapshot(capture.snapshot));
	}, [state]);
	const title = capture ? t('Snapshot of {name} on {seat}', { name: capture.service.name, seat: seat(capture) }) : t('Snapshot');
	return (
		<Dialog title={title} close={close} wide>
			<Loaded resource={resource} rows={3}>
				{(c) => <Step capture={c} changed={(after) => resource.set(after)} close={close} again={again} />}
			</Loaded>
		</Dialog>
	);
}

interface StepProps {
	capture: Capture;
	changed: (after: Capture) => void;
	close: () => void;
	again: () => void;
}

function Step(props: StepProps) {
	const { capture: c } = props;
	switch (c.state) {
		case 'quoting':
			return <Waiting {...props} text={t('The agent on {name} is asked what it would cost. Nothing is taken yet.', c.host)} />;
		case 'quoted':
			return <Cost {...props} />;
		case 'ordered':
			return <Waiting {...props} text={t('The agent on {name} has been told and will begin.', c.host)} />;
		case 'running':
			return <Running {...props} />;
		case 'done':
			return <Done {...props} />;
		case 'denied':
		case 'failed':
		case 'expired':
		case 'cancelled':
			return <Over {...props} />;
	}
}

function Waiting({ capture: c, text, changed, close }: StepProps & { text: string }) {
	return (
		<div role="status">
			<p class="waiting"><span class="waiting-dot" aria-hidden="true" />{text}</p>
			<p class="quiet">{rich('It is given up {until}.', { until: <Until ms={c.deadline_at_ms} /> })}</p>
			<Actions capture={c} changed={changed} close={close} />
		</div>
	);
}

function Running({ capture: c, changed, close }: StepProps) {
	return (
		<div role="status">
			<p>{t('The snapshot streams from the process and is read as it comes.')}</p>
			<p class="running"><Progress capture={c} /></p>
			{c.text !== '' && <p class="quiet">{sentence(c.text)}</p>}
			<p class="quiet">{t('You may leave: it goes on, and will be in the list.')}</p>
			<Actions capture={c} changed={changed} close={close} />
		</div>
	);
}

function Actions({ capture, changed, close }: Pick<StepProps, 'capture' | 'changed' | 'close'>) {
	const stop = async () => {
		const after = await cancel(capture.id);
		if (after) changed(after);
	};
	return (
		<div class="dialog-actions">
			{mayAct() && capture.state !== 'running' && (
				<button type="button" class="button" onClick={() => void stop()}>{t('Cancel it')}</button>
			)}
			<button type="button" class="button" onClick={close}>{t('Leave it going')}</button>
		</div>
	);
}

function Done({ capture: c, close }: StepProps) {
	return (
		<>
			<p>{t('It is done.')}</p>
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Close')}</button>
				{c.snapshot !== null && <a class="button primary" href={href.snapshot(c.snapshot)}>{t('Open the summary')}</a>}
			</div>
		</>
	);
}

/** How it ended. Whether the process goes on is for the agent to say. */
function ending(c: Capture): string {
	switch (c.state) {
		case 'denied':
			return t('It was refused. The process was not touched.');
		case 'failed':
			return t('It failed.');
		case 'expired':
			return t('It was given up: there was no answer in time.');
		case 'cancelled':
			return c.asked_by !== null && c.confirmed_by === null ? t('It was cancelled. The process was not touched.')
				: t('It was cancelled. The agent may have begun already.');
		default:
			return CAPTURE_WORDS[c.state];
	}
}

function Over({ capture: c, close, again }: StepProps) {
	return (
		<>
			<div class={`gate gate-${c.state === 'cancelled' ? 'asks' : 'refused'}`}>
				<p><strong>{ending(c)}</strong></p>
				{c.state !== 'cancelled' && <p>{sentence(reasonOf(c))}</p>}
			</div>
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Close')}</button>
				{mayAct() && <button type="button" class="button primary" onClick={again}>{t('Choose an instance again')}</button>}
			</div>
		</>
	);
}
