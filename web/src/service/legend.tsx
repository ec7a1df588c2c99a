// What the colours and signs on the charts mean; each can be taken away and brought back.
import type { Mark, Service } from '../api/types';
import { KIND_WORDS } from '../chart/marks';
import type { Model } from '../chart/model';
import { Swatch } from '../chart/swatch';
import { VerdictBadge, VersionName } from '../ui/verdict';
import { t } from '../words/words';

/** More versions than these are behind a fold. */
const SHOWN = matchMedia('(max-width: 600px)').matches ? 4 : 12;

/** The versions on the charts. */
export function Legend({ service, model, hide, setHide, colourOf }: {
	service: Service;
	model: Model | undefined;
	hide: readonly number[];
	setHide: (hide: number[]) => void;
	colourOf: (versionId: number) => number;
}) {
	const names = new Map(service.versions.map((v) => [v.id, v.label]));
	for (const l of model?.lines ?? []) if (l.version.id > 0) names.set(l.version.id, l.version.version);
	// Those that are hidden stay, or nobody could bring them back.
	const drawn = [...names].filter(([id]) => hide.includes(id) || model?.lines.some((l) => l.version.id === id)).sort(([a], [b]) => b - a);
	const toggle = (id: number) => setHide(hide.includes(id) ? hide.filter((h) => h !== id) : [...hide, id]);
	const chip = ([id, version]: [number, string]) => {
		const known = service.versions.find((v) => v.id === id);
		return (
			<button type="button" key={id} class="chip" aria-pressed={!hide.includes(id)} onClick={() => toggle(id)} title={version}>
				<Swatch index={colourOf(id)} />
				<VersionName version={version} />
				{known && <VerdictBadge verdict={known.verdict} />}
				{known && <span class="n">{t('{n, plural, one {# instance} other {# instances}}', { n: known.instances })}</span>}
			</button>
		);
	};
	return (
		<div class="legend" role="group" aria-label={t('Versions on the charts')}>
			{drawn.slice(0, SHOWN).map(chip)}
			{drawn.length > SHOWN && (
				<details><summary>{t('{n} more', { n: drawn.length - SHOWN })}</summary>{drawn.slice(SHOWN).map(chip)}</details>
			)}
		</div>
	);
}

export function BandKey() {
	return (
		<p class="band-key quiet">
			<span class="key"><span class="swatch median" aria-hidden="true" /> {t('median')}</span>
			<span class="key"><span class="swatch band" aria-hidden="true" /> {t('10th to 90th percentile')}</span>
			<span class="key"><span class="swatch outlier" aria-hidden="true" /> {t('outliers, by name')}</span>
		</p>
	);
}

/** As they are on the charts. */
const SIGNS: Record<Mark['kind'], string> = { deploy: '│', config: '│', load: '│', restart: '▾', oom: '┊', snapshot: '◆', experiment: '▒' };

export function MarkLegend({ kinds, unmarked, set }: {
	kinds: ReadonlySet<Mark['kind']>;
	unmarked: readonly Mark['kind'][];
	set: (unmarked: Mark['kind'][]) => void;
}) {
	const shown = (Object.keys(KIND_WORDS) as Mark['kind'][]).filter((k) => kinds.has(k) || unmarked.includes(k));
	if (shown.length === 0) return null;
	return (
		<div class="legend marks" role="group" aria-label={t('Marks on the charts')}>
			{shown.map((k) => (
				<button type="button" key={k} class="chip" aria-pressed={!unmarked.includes(k)}
					onClick={() => set(unmarked.includes(k) ? unmarked.filter((u) => u !== k) : [...unmarked, k])}>
					<span class={`sign m-${k}`} aria-hidden="true">{SIGNS[k]}</span> <span class="version">{KIND_WORDS[k]}</span>
				</button>
			))}
		</div>
	);
}
