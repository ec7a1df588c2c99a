// What the lines say where the crosshair stands.
import { zone } from '../app/preferences';
import { quantity } from '../format/number';
import { type Zone, DAY, clock, date, duration } from '../format/time';
import { t } from '../words/words';
import { describe } from './marks';
import { type Line, type Model, lineKey, readings } from './model';
import { Swatch } from './swatch';

const SHOWN = 8;

export interface Standing {
	index: number;
	left: number;
	top: number;
}

function moment(model: Model, index: number, z: Zone): string {
	const ms = (model.times[index] ?? 0) * 1000;
	if (model.ages) return t('{age} after its start', { age: duration(ms) });
	const day = model.to - model.from > DAY / 2 ? `${date(ms, z)} ` : '';
	return day + clock(ms, z, model.step < 60_000);
}

/** Marks within a few steps of the crosshair. */
function nearby(model: Model, index: number) {
	const ms = (model.times[index] ?? 0) * 1000;
	const reach = Math.max(model.step, (model.to - model.from) / 150);
	return model.marks.filter((m) => Math.abs(m.at_ms - ms) <= reach || (m.kind === 'experiment' && m.at_ms <= ms && ms <= (m.to_ms ?? Infinity)));
}

function lost(model: Model, index: number): string[] {
	const ms = (model.times[index] ?? 0) * 1000;
	return model.gaps.filter((g) => g.from_ms <= ms && ms <= g.to_ms)
		.map((g) => t('readings lost on {host}: {reason}', { host: g.host, reason: g.reason }));
}

/** "190 – 260 MiB": where the others are, of a line that stands for many. */
function spread(line: Line, index: number, unit: string): string {
	const low = line.band?.low[index];
	const high = line.band?.high[index];
	if (typeof low !== 'number' || typeof high !== 'number') return '';
	return `${quantity(low, unit)} – ${quantity(high, unit)}`;
}

function many(line: Line, index: number): string {
	return t('{n, plural, one {# instance} other {# instances}}', { n: line.band?.n[index] ?? 0 });
}

/** The same as one sentence. */
export function spoken(model: Model, index: number, z: Zone): string {
	if (model.times.length === 0) return t('no readings');
	const values = readings(model, index).slice(0, model.stack ? SHOWN : 3)
		.map((r) => `${[r.line.name, r.line.version.version].filter(Boolean).join(' ')}: ${quantity(r.value, model.unit)}${r.line.band ? `, ${t('80 % of {instances} in {span}', { instances: many(r.line, index), span: spread(r.line, index, model.unit) })}` : ''}`);
	const notes = [...describe(nearby(model, index)), ...lost(model, index)];
	return [moment(model, index, z), ...(values.length > 0 ? values : [t('no reading')]), ...notes].join(', ');
}

export function Readout({ model, standing, colourOf }: {
	model: Model;
	standing: Standing;
	colourOf: (versionId: number) => number;
}) {
	const rows = readings(model, standing.index);
	const notes = [...describe(nearby(model, standing.index)), ...lost(model, standing.index)];
	// On the side of the crosshair where there is more room: zoomed, that is not that of its number.
	const at = (model.times[standing.index] ?? 0) * 1000;
	const bands = rows.some((r) => r.line.band);
	const side = at > (model.from + model.to) / 2 ? 'before' : 'after';
	return (
		<div class={`readout ${side}`} aria-hidden="true" style={{ '--x': `${Math.round(standing.left)}px` }}>
			<p class="moment">{moment(model, standing.index, zone.value)}</p>
			{bands && <p class="quiet">{t('median and 10th to 90th percentile')}</p>}
			{rows.length === 0 && <p class="quiet">{t('no reading')}</p>}
			<ul>
				{rows.slice(0, SHOWN).map(({ line, value }) => (
					<li key={lineKey(line)} class={line.faint ? 'faint' : ''}>
						<Swatch index={colourOf(line.version.id)} light={line.light} />
						<span class="who">{line.band ? line.version.version || line.name : line.name}</span>
						<span class="quiet">{line.band ? many(line, standing.index) : line.version.version}</span>
						<span class="figure">{quantity(value, model.unit)}</span>
						{line.band && <span class="quiet spread">{spread(line, standing.index, model.unit)}</span>}
					</li>
				))}
				{model.stack && rows.length > 1 && (
					<li class="total"><span class="who">{t('Resident memory (RSS)')}</span>
						<span class="figure">{quantity(rows.reduce((n, r) => n + r.value, 0), model.unit)}</span></li>
				)}
			</ul>
			{rows.length > SHOWN && <p class="quiet">{t('and {n} more', { n: rows.length - SHOWN })}</p>}
			{notes.map((note) => <p class="note" key={note}>{note}</p>)}
		</div>
	);
}
