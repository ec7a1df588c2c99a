// The span of time that the charts show.
import { useState } from 'preact/hooks';
import { RANGES, type RangeName, type Zoom, makeZoom } from '../app/address';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { duration, fromInput, span, toInput } from '../format/time';
import { Dialog } from '../ui/dialog';
import { t } from '../words/words';

const FORMAT = 'YYYY-MM-DD HH:MM';

interface Props {
	shown: RangeName;
	zoomed: Zoom | null;
	/** Of processes: which ages are shown, and the way back. */
	ages?: Zoom | null;
	whole?: () => void;
	choose: (range: RangeName) => void;
	zoom: (zoom: Zoom | null) => void;
}

export function RangeControl({ shown, zoomed, choose, zoom, ages, whole }: Props) {
	const [asking, ask] = useState(false);
	return (
		<div class="range">
			{zoomed && (
				<span class="zoomed">
					<span>{span(zoomed.from, zoomed.to, zone.value)}</span>
					<button type="button" class="text-button" onClick={() => zoom(null)}>{t('Reset zoom')}</button>
				</span>
			)}
			{ages && (
				<span class="zoomed">
					<span>{t('{from} to {to} after the start', { from: duration(ages.from), to: duration(ages.to) })}</span>
					<button type="button" class="text-button" onClick={whole}>{t('Reset zoom')}</button>
				</span>
			)}
			<div class="segments" role="group" aria-label={t('Time range')}>
				{(Object.keys(RANGES) as RangeName[]).map((name) => (
					<button type="button" key={name} aria-pressed={!zoomed && shown === name} onClick={() => choose(name)}>
						{RANGES[name].name}
					</button>
				))}
				<button type="button" aria-pressed={zoomed !== null} onClick={() => ask(true)}>{t('Custom…')}</button>
			</div>
			{asking && <CustomRange current={zoomed ?? lately(shown)} zoom={zoom} close={() => ask(false)} />}
		</div>
	);
}

function lately(range: RangeName): Zoom {
	return { from: now.peek() - RANGES[range].ms, to: now.peek() };
}

function CustomRange({ current, zoom, close }: Pick<Props, 'zoom'> & { current: Zoom; close: () => void }) {
	const [error, setError] = useState('');
	const submit = (event: SubmitEvent) => {
		event.preventDefault();
		const form = new FormData(event.currentTarget as HTMLFormElement);
		const read = (name: string) => fromInput(String(form.get(name)), zone.value);
		const chosen = makeZoom(read('from'), read('to'));
		if (!chosen) {
			setError(t('Both must be times such as 2025-10-12 14:32, the end after the start.'));
			return;
		}
		close();
		zoom(chosen);
	};
	return (
		<Dialog title={t('Time range')} close={close}>
			<form class="fields" onSubmit={submit}>
				<label>{t('From')} <Moment name="from" at={current.from} /></label>
				<label>{t('To')} <Moment name="to" at={current.to} /></label>
				<p class="quiet">{zone.value === 'utc' ? t('{format}, UTC.', { format: FORMAT }) : t('{format}, in the time zone of this browser.', { format: FORMAT })}</p>
				{error && <p class="form-error" role="alert">{error}</p>}
				<div class="dialog-actions">
					<button type="button" class="button" onClick={close}>{t('Cancel')}</button>
					<button type="submit" class="button primary">{t('Show')}</button>
				</div>
			</form>
		</Dialog>
	);
}

function Moment({ name, at }: { name: string; at: number }) {
	return <input name={name} required autocomplete="off" placeholder={FORMAT} value={toInput(at, zone.value)} />;
}
