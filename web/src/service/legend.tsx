import type { Service, SeriesAnswer } from '../api/types';
import { Swatch } from '../chart/swatch';
import { plural } from '../format/number';
import { VerdictBadge, VersionName } from '../ui/verdict';

/** The versions on the charts; each can be taken away and brought back. */
export function Legend({ service, answer, hide, setHide, colourOf }: {
	service: Service;
	answer: SeriesAnswer | undefined;
	hide: readonly number[];
	setHide: (hide: number[]) => void;
	colourOf: (versionId: number) => number;
}) {
	const drawn = new Map((answer?.series ?? []).map((s) => [s.version.id, s.version.version]));
	const instances = (id: number) => answer?.series.filter((s) => s.version.id === id).length ?? 0;
	const toggle = (id: number) => setHide(hide.includes(id) ? hide.filter((h) => h !== id) : [...hide, id]);
	return (
		<div class="legend" role="group" aria-label="Versions on the charts">
			{[...drawn].sort(([a], [b]) => b - a).map(([id, version]) => {
				const verdict = service.versions.find((v) => v.id === id)?.verdict;
				return (
					<button type="button" key={id} class="chip" aria-pressed={!hide.includes(id)} onClick={() => toggle(id)}>
						<Swatch index={colourOf(id)} />
						<VersionName version={version} />
						{verdict && <VerdictBadge verdict={verdict} />}
						<span class="n">{plural(instances(id), 'instance')}</span>
					</button>
				);
			})}
		</div>
	);
}
