// The span of time that the charts show.
import { useState } from 'preact/hooks';
import { RANGES, type RangeName, type ServiceView, type Zoom, makeZoom } from '../app/address';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { fromInput, span, toInput } from '../format/time';
import { Dialog } from '../ui/dialog';

interface Props {
	view: ServiceView;
	choose: (range: RangeName) => void;
	zoom: (zoom: Zoom | null) => void;
}

export function RangeControl({ view, choose, zoom }: Props) {
	const [asking, ask] = useState(false);
	return (
		<div class="range">
			{view.zoom && (
				<span class="zoomed">
					<span>{span(view.zoom.from, view.zoom.to, zone.value)}</span>
					<button type="button" class="text-button" onClick={() => zoom(null)}>Reset zoom</button>
				</span>
			)}
			<div class="segments" role="group" aria-label="Time range">
				{(Object.keys(RANGES) as RangeName[]).map((name) => (
					<button type="button" key={name} aria-pressed={!view.zoom && view.range === name} onClick={() => choose(name)}>
						{RANGES[name].name}
					</button>
				))}
				<button type="button" aria-pressed={view.zoom !== null} onClick={() => ask(true)}>Custom…</button>
			</div>
			{asking && <CustomRange view={view} zoom={zoom} close={() => ask(false)} />}
		</div>
	);
}

function CustomRange({ view, zoom, close }: Pick<Props, 'view' | 'zoom'> & { close: () => void }) {
	const [error, setError] = useState('');
	const current = view.zoom ?? { from: now.peek() - RANGES[view.range].ms, to: now.peek() };
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		const read = (name: string) => fromInput(String(form.get(name)), zone.value);
		const chosen = makeZoom(read('from'), read('to'));
		if (!chosen) {
			setError('The end must be after the start, and both must be times.');
			return;
		}
		close();
		zoom(chosen);
	};
	return (
		<Dialog title="Time range" close={close}>
			<form class="fields" onSubmit={submit}>
				<label>From <input name="from" type="datetime-local" required value={toInput(current.from, zone.value)} /></label>
				<label>To <input name="to" type="datetime-local" required value={toInput(current.to, zone.value)} /></label>
				<p class="quiet">Times are {zone.value === 'utc' ? 'UTC' : 'those of this browser'}.</p>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>Cancel</button>
					<button type="submit" class="button primary">Show</button>
				</div>
			</form>
		</Dialog>
	);
}
