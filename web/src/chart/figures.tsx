import { useMemo, useState } from 'preact/hooks';
import { quantity } from '../format/number';
import { rich, t } from '../words/words';
import { type Model, figures, lineKey } from './model';
import { Swatch, VersionKey } from './swatch';

/** A table of thousands helps nobody; the file has them all. */
const MOST = 200;

/** The text alternative of a chart; folded, because most can see the chart. */
export function FigureTable({ model, name, colourOf }: {
	model: Model;
	name: string;
	colourOf: (versionId: number) => number;
}) {
	const [open, setOpen] = useState(false);
	// Made when somebody wants them: of hundreds of lines they take longer than the chart.
	const all = useMemo(() => (open ? figures(model) : []), [open, model]);
	const rows = all.slice(0, MOST);
	if (model.lines.length === 0) return null;
	return (
		<details class="figure-table" open={open}>
			<summary onClick={(e) => { e.preventDefault(); setOpen(!open); }}>{rich('Figures<of> of {name}</of>', { of: (x) => <span class="sr-only">{x}</span>, name })}</summary>
			{open && <div class="scroll" tabIndex={0} role="region" aria-label={t('Figures of {name}', { name })}>
				<table class="grid compact">
					<thead>
						<tr>
							<th scope="col">{model.plain ? t('Line') : t('Instance')}</th>
							{!model.plain && <th scope="col">{t('Version')}</th>}
							<th scope="col" class="num">{t('First')}</th>
							<th scope="col" class="num">{t('Highest')}</th>
							<th scope="col" class="num">{t('Last')}</th>
						</tr>
					</thead>
					<tbody>
						{rows.map(({ line, first, highest, last }) => (
							<tr key={lineKey(line)}>
								<th scope="row">{model.plain && <><Swatch index={colourOf(line.version.id)} light={line.light} />{' '}</>}{line.name}</th>
								{!model.plain && <td><VersionKey colour={colourOf(line.version.id)} version={line.version.version} /></td>}
								<td class="num">{quantity(first, model.unit)}</td>
								<td class="num">{quantity(highest, model.unit)}</td>
								<td class="num">{quantity(last, model.unit)}</td>
							</tr>
						))}
					</tbody>
				</table>
				{all.length > MOST && <p class="quiet">{t('The largest {n} of {all}.', { n: MOST, all: all.length })}</p>}
			</div>}
		</details>
	);
}
