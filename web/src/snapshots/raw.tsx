// The raw file of a snapshot: kept on its host, fetched when an administrator asks.
import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import { post } from '../api/client';
import { touch } from '../api/resource';
import type { RawFile, Snapshot } from '../api/types';
import { bytes, count } from '../format/number';
import { isAdmin } from '../session/session';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { t } from '../words/words';
import { sentence } from './words';

export function RawPanel({ snapshot, changed }: { snapshot: Snapshot; changed: (after: Snapshot) => void }) {
	const { raw } = snapshot;
	const [dropping, drop] = useState(false);
	const [busy, setBusy] = useState(false);
	const send = async (method: 'POST' | 'DELETE', done: string) => {
		setBusy(true);
		try {
			changed(await post<Snapshot>(`/snapshots/${snapshot.id}/raw`, { method }));
			touch(['snapshots']);
			toast(done);
		} catch (e) {
			toast((e as Error).message, { kind: 'failed' });
		}
		setBusy(false);
		drop(false);
	};
	return (
		<section class="part">
			<h2>{t('Raw file')}</h2>
			{raw === null ? <NoFile /> : (
				<>
					<State raw={raw} snapshot={snapshot} />
					{isAdmin() && (
						<p class="raw-actions">
							{raw.state === 'kept' && (
								<button type="button" class="button" disabled={busy}
									onClick={() => void send('POST', t('The server fetches the file, part by part.'))}>
									{t('Fetch it to the server')}
								</button>
							)}
							{raw.state === 'lost' && (
								<button type="button" class="button" disabled={busy}
									onClick={() => void send('POST', t('The server fetches the file, part by part.'))}>
									{t('Fetch it again')}
								</button>
							)}
							{raw.state === 'complete' && (
								<a class="button primary" href={`/api/v1/snapshots/${snapshot.id}/raw`} download>
									{t('Download, {size}', { size: bytes(raw.bytes) })}
								</a>
							)}
							{['kept', 'pulling', 'complete', 'lost'].includes(raw.state) && (
								<button type="button" class="text-button danger" onClick={() => drop(true)}>{t('Delete it…')}</button>
							)}
						</p>
					)}
				</>
			)}
			{dropping && (
				<Drop busy={busy} close={() => drop(false)}
					drop={() => void send('DELETE', t('The raw file is deleted, here and on the host.'))} />
			)}
		</section>
	);
}

function NoFile() {
	return (
		<p class="quiet">
			{t('None was kept: the summary was made while the snapshot streamed, and nothing was written.')}
			{isAdmin() && ` ${t('An administrator can keep the next one when confirming its cost.')}`}
		</p>
	);
}

function State({ raw, snapshot }: { raw: RawFile; snapshot: Snapshot }) {
	const size = bytes(raw.bytes);
	switch (raw.state) {
		case 'kept':
			return <Said text={raw.text}>{t('{size}, kept on {host}. It holds every string of the process.', { size, host: snapshot.host.name })}</Said>;
		case 'pulling':
			return (
				<div role="status">
					<progress class="progress" max={Math.max(1, raw.parts)} value={raw.parts_here} aria-label={t('Parts fetched')} />
					<Said text={raw.text}>
						{t('{here} of {parts} parts are here ({size} in all). An interruption loses nothing.',
							{ here: count(raw.parts_here), parts: count(raw.parts), size })}
					</Said>
				</div>
			);
		case 'complete':
			return (
				<>
					<Said text={raw.text}>{t('{size}, whole. Its SHA-256 equals the host\'s:', { size })}</Said>
					<code class="hash">{raw.sha256}</code>
				</>
			);
		case 'lost':
			return <Said text={sentence(raw.text)}>{t('It could not be brought here, or not be kept.')}</Said>;
		case 'dropped':
			return <Said text={raw.text}>{t('It was deleted, here and on the host.')}</Said>;
	}
}

function Said({ text, children }: { text: string; children: ComponentChildren }) {
	return <p>{children}{text !== '' && <span class="quiet"> {said(text)}</span>}</p>;
}

function Drop({ busy, close, drop }: { busy: boolean; close: () => void; drop: () => void }) {
	return (
		<Dialog title={t('Delete the raw file?')} close={close}>
			<p>{t('It goes from the server and from its host. The summary on this page stays.')}</p>
			<div class="dialog-actions">
				<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
				<button type="button" class="button danger" disabled={busy} onClick={drop}>{t('Delete')}</button>
			</div>
		</Dialog>
	);
}
