import { quantity } from '../format/number';
import { type Model, figures } from './model';
import { Swatch, VersionKey } from './swatch';

/** The text alternative of a chart; folded, because most can see the chart. */
export function FigureTable({ model, name, colourOf }: {
	model: Model;
	name: string;
	colourOf: (versionId: number) => number;
}) {
	const rows = figures(model);
	if (rows.length === 0) return null;
	return (
		<details class="figure-table">
			<summary>Figures<span class="sr-only"> of {name}</span></summary>
			<div class="scroll" tabIndex={0} role="region" aria-label={`Figures of ${name}`}>
				<table class="grid compact">
					<thead>
						<tr>
							<th scope="col">{model.plain ? 'Line' : 'Instance'}</th>
							{!model.plain && <th scope="col">Version</th>}
							<th scope="col" class="num">First</th>
							<th scope="col" class="num">Highest</th>
							<th scope="col" class="num">Last</th>
						</tr>
					</thead>
					<tbody>
						{rows.map(({ line, first, highest, last }) => (
							<tr key={`${line.instance}-${line.version.id}`}>
								<th scope="row">{model.plain && <><Swatch index={colourOf(line.version.id)} />{' '}</>}{line.name}</th>
								{!model.plain && <td><VersionKey colour={colourOf(line.version.id)} version={line.version.version} /></td>}
								<td class="num">{quantity(first, model.unit)}</td>
								<td class="num">{quantity(highest, model.unit)}</td>
								<td class="num">{quantity(last, model.unit)}</td>
							</tr>
						))}
					</tbody>
				</table>
			</div>
		</details>
	);
}
