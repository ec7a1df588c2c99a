// A chart as figures: a column of times, and one for each line. Pure.
import { linesOf } from '../ui/export';
import { t } from '../words/words';
import type { Line, Model } from './model';

export interface Table {
	columns: string[];
	rows: (string | number | null)[][];
}

function title(l: Line, unit: string, part = ''): string {
	return `${[l.name, l.version.version, part].filter(Boolean).join(' ')} (${unit})`;
}

/** Times are ISO, or seconds of age; only what is shown. */
export function tableOf(model: Model): Table {
	const columns = [model.ages ? t('age (s)') : t('time'), ...model.lines.flatMap((l) => (l.band
		? [title(l, model.unit), title(l, model.unit, 'p10'), title(l, model.unit, 'p90')] : [title(l, model.unit)]))];
	const rows = model.times.flatMap((at, i) => {
		if (at * 1000 < model.from || at * 1000 > model.end) return [];
		const values = model.lines.flatMap((l) => (l.band ? [l.values[i], l.band.low[i], l.band.high[i]] : [l.values[i]]).map((v) => v ?? null));
		return [[model.ages ? at : new Date(at * 1000).toISOString(), ...values]];
	});
	return { columns, rows };
}

export function csv({ columns, rows }: Table): string {
	return linesOf([columns, ...rows]);
}
