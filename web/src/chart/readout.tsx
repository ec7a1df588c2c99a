// What the lines say where the crosshair stands.
import { zone } from '../app/preferences';
import { quantity } from '../format/number';
import { type Zone, DAY, clock, date } from '../format/time';
import { describe } from './marks';
import { type Model, readings } from './model';
import { Swatch } from './swatch';

const SHOWN = 8;

export interface Standing {
	index: number;
	left: number;
	top: number;
}

function moment(model: Model, index: number, z: Zone): string {
	const ms = (model.times[index] ?? 0) * 1000;
	const day = model.to - model.from > DAY / 2 ? `${date(ms, z)} ` : '';
	return day + clock(ms, z, model.step < 60_000);
}

/** Marks within a few steps of the crosshair. */
function nearby(model: Model, index: number) {
	const ms = (model.times[index] ?? 0) * 1000;
	const reach = Math.max(model.step, (model.to - model.from) / 150);
	return model.marks.filter((m) => Math.abs(m.at_ms - ms) <= reach);
}

function lost(model: Model, index: number): string[] {
	const ms = (model.times[index] ?? 0) * 1000;
	return model.gaps.filter((g) => g.from_ms <= ms && ms <= g.to_ms)
		.map((g) => `readings lost on ${g.host}: ${g.reason}`);
}

/** The same as one sentence. */
export function spoken(model: Model, index: number, z: Zone): string {
	if (model.times.length === 0) return 'no readings';
	const values = readings(model, index).slice(0, 3)
		.map((r) => `${[r.line.name, r.line.version.version].filter(Boolean).join(' ')}: ${quantity(r.value, model.unit)}`);
	const notes = [...describe(nearby(model, index)), ...lost(model, index)];
	return [moment(model, index, z), ...(values.length > 0 ? values : ['no reading']), ...notes].join(', ');
}

export function Readout({ model, standing, colourOf }: {
	model: Model;
	standing: Standing;
	colourOf: (versionId: number) => number;
}) {
	const rows = readings(model, standing.index);
	const notes = [...describe(nearby(model, standing.index)), ...lost(model, standing.index)];
	// On the side of the crosshair where there is more room.
	const side = standing.index > model.times.length / 2 ? 'before' : 'after';
	return (
		<div class={`readout ${side}`} aria-hidden="true" style={{ '--x': `${Math.round(standing.left)}px` }}>
			<p class="moment">{moment(model, standing.index, zone.value)}</p>
			{rows.length === 0 && <p class="quiet">no reading</p>}
			<ul>
				{rows.slice(0, SHOWN).map(({ line, value }) => (
					<li key={`${line.instance}-${line.version.id}`} class={line.faint ? 'faint' : ''}>
						<Swatch index={colourOf(line.version.id)} />
						<span class="who">{line.name}</span>
						<span class="quiet">{line.version.version}</span>
						<span class="figure">{quantity(value, model.unit)}</span>
					</li>
				))}
			</ul>
			{rows.length > SHOWN && <p class="quiet">and {rows.length - SHOWN} more</p>}
			{notes.map((note) => <p class="note" key={note}>{note}</p>)}
		</div>
	);
}
