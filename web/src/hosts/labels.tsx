// The labels of a host, and the dialog that sets all of them at once.
import { useState } from 'preact/hooks';
import { ApiError, get, post } from '../api/client';
import type { HostPage } from '../api/fleet';
import { href } from '../app/address';
import { mayActOnAll } from '../session/session';
import { Dialog } from '../ui/dialog';
import { toast } from '../ui/toast';
import { said } from '../words/said';
import { t } from '../words/words';
import { readLabels } from './typed';

const EXAMPLE = ['env=production', 'zone=eu-1'].join('\n');

const written = (labels: Record<string, string>) => Object.entries(labels).map(([key, value]) => `${key}=${value}`).join('\n');

export function Labels({ host, changed }: { host: HostPage; changed: (host: HostPage) => void }) {
	const [editing, edit] = useState(false);
	const labels = Object.entries(host.labels);
	return (
		<section class="part">
			<h2>{t('Labels')}</h2>
			{labels.length === 0 ? <p class="quiet">{t('None yet.')}</p> : (
				<ul class="labels">
					{labels.map(([key, value]) => (
						<li key={key}><a class="chip" href={href.hosts({ group: key })} title={`${key}=${value}`}>{`${key}=${value}`}</a></li>
					))}
				</ul>
			)}
			{mayActOnAll() && <p class="table-note"><button type="button" class="button" onClick={() => edit(true)}>{t('Edit labels…')}</button></p>}
			{editing && <Edit host={host} changed={changed} close={() => edit(false)} />}
		</section>
	);
}

function Edit({ host, changed, close }: { host: HostPage; changed: (host: HostPage) => void; close: () => void }) {
	// As they were when the dialog was opened: what comes meanwhile is told by the server, and
	// what was typed stays.
	const [revision, setRevision] = useState(host.labels_revision);
	const [text, setText] = useState(written(host.labels));
	const [error, setError] = useState('');
	const save = async (event: SubmitEvent) => {
		event.preventDefault();
		const read = readLabels(text);
		if ('wrong' in read) {
			setError(read.wrong);
			return;
		}
		try {
			changed(await post<HostPage>(`/hosts/${host.id}/labels`, { method: 'PUT', body: read, revision }));
			toast(t('The labels of {host} are set', { host: host.name.slice(0, 80) }));
			close();
		} catch (e) {
			if (e instanceof ApiError && e.status === 412) void takeOver();
			else setError(said((e as Error).message));
		}
	};
	const takeOver = async () => {
		try {
			const now = await get<HostPage>(`/hosts/${host.id}`);
			setRevision(now.labels_revision);
			setError(t('Somebody else has changed the labels meanwhile, to: {labels}. Save again to set yours.', { labels: written(now.labels).replaceAll('\n', ', ') || '–' }));
		} catch (e) {
			setError(said((e as Error).message));
		}
	};
	return (
		<Dialog title={t('Labels of {host}', { host: host.name.slice(0, 80) })} close={close}>
			<form class="fields" onSubmit={(e) => void save(e)}>
				<label>
					{t('One a line, as key=value')}
					<textarea rows={8} spellcheck={false} value={text} onInput={(e) => setText(e.currentTarget.value)} placeholder={EXAMPLE} />
				</label>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Save')}</button>
				</div>
			</form>
		</Dialog>
	);
}
