// The evidence: the instances inside, against those of the other versions.
import { useSignal } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import type { Alert, Finding, SeriesAnswer } from '../api/types';
import { type Zoom, makeZoom } from '../app/address';
import { now } from '../app/now';
import { zone } from '../app/preferences';
import { ChartBody } from '../chart/body';
import { Chart, type Crosshair } from '../chart/chart';
import { growing } from '../chart/forecast';
import { buildModel } from '../chart/model';
import { VersionKey } from '../chart/swatch';
import { DAY, MINUTE, span as spanText } from '../format/time';
import { memory } from '../format/number';
import { useSeries } from '../service/series';
import { aligned } from '../service/span';
import { t } from '../words/words';

const METRIC = 'rss_anon_kb';

/** From somewhat before the growth began until now, or until the evidence ended. Pure. */
export function evidenceSpan(alert: Alert, at: number): Zoom {
	const f = alert.finding;
	const end = f.active ? at : Math.min(at, f.last_at_ms + 10 * MINUTE);
	const start = f.onset_at_ms ?? f.first_at_ms;
	const before = Math.max(2 * MINUTE, (end - start) * 0.3);
	return { from: Math.max(start - before, end - 7 * DAY), to: end };
}

export function Evidence({ alert, zoomed, zoom, colourOf }: {
	alert: Alert;
	zoomed: Zoom | null;
	zoom: (zoom: Zoom | null) => void;
	colourOf: (versionId: number) => number;
}) {
	const f = alert.finding;
	const wanted = zoomed ?? evidenceSpan(alert, now.value);
	const step = aligned(wanted.from, wanted.to);
	const span = useMemo(() => step, [step.from, step.to]);
	const { resource, pending } = useSeries({ service: f.service.id }, METRIC, span);
	return (
		<figure class={`chart tall ${pending ? 'pending' : ''}`}>
			<figcaption>
				<strong>{t('Anonymous memory')}</strong>
				<span>
					{inside(f).map((v) => <VersionKey key={v.id} colour={colourOf(v.id)} version={v.version} />)} {t('inside')}
				</span>
				{alert.others.map((o) => <VersionKey key={o.id} colour={colourOf(o.id)} version={o.label} />)}
				{zoomed && (
					<span class="zoomed">
						<span>{spanText(zoomed.from, zoomed.to, zone.value)}</span>
						<button type="button" class="text-button" onClick={() => zoom(null)}>{t('Reset zoom')}</button>
					</span>
				)}
			</figcaption>
			<ChartBody resource={resource}>
				{(answer) => <Drawn answer={answer} alert={alert} zoom={zoom} colourOf={colourOf} latest={zoomed === null} />}
			</ChartBody>
		</figure>
	);
}

function Drawn({ answer, alert, zoom, colourOf, latest }: {
	answer: SeriesAnswer;
	alert: Alert;
	/** It ends now: what comes is foretold. */
	latest: boolean;
	zoom: (zoom: Zoom | null) => void;
	colourOf: (versionId: number) => number;
}) {
	const crosshair = useSignal<Crosshair | null>(null);
	const model = useMemo(() => {
		const { onset, versions } = alert.finding;
		return buildModel(answer, {
			subject: new Set(alert.instances.map((i) => i.id)),
			subjectVersions: new Set(versions.map((v) => v.id)),
			levels: limitOf(alert),
			moment: onset && { at: onset.at_ms, low: onset.low_ms, high: onset.high_ms, text: t('growth begins') },
			growing: alert.finding.active && latest ? growing(alert.instances) : [],
		});
	}, [answer, alert, latest]);
	return (
		<Chart name={t('Anonymous memory')} model={model} crosshair={crosshair} colourOf={colourOf}
			zoom={(from, to) => zoom(makeZoom(from, to))} reset={() => zoom(null)} />
	);
}

/** Of many versions inside, the one that leaks most first. */
function inside(f: Finding) {
	return [f.version, ...f.versions.filter((v) => v.id !== f.version.id)].slice(0, 4);
}

function limitOf(alert: Alert) {
	const limits = new Set(alert.instances.map((i) => i.limit_kb));
	const [limit] = [...limits];
	return limits.size === 1 && limit ? [{ value: limit, text: t('limit {size}', { size: memory(limit) }) }] : [];
}
