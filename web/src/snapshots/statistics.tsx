// What the heap consists of, as one bar.
import type { Snapshot } from '../api/types';
import { bytes } from '../format/number';
import { t } from '../words/words';
import { percent } from './words';

export interface Share {
	name: string;
	bytes: number;
}

/** Parts of the whole, in a fixed order; what has no size is left out. Pure. */
export function shares(total: number, s: Snapshot['statistics']): Share[] {
	// Buffers are counted among what is native.
	const named: Share[] = [
		{ name: t('Strings'), bytes: s.string_bytes },
		{ name: t('Arrays'), bytes: s.js_array_bytes },
		{ name: t('Buffers'), bytes: Math.min(s.typed_array_bytes, s.native_bytes) },
		{ name: t('Other native memory'), bytes: Math.max(0, s.native_bytes - s.typed_array_bytes) },
		{ name: t('Code'), bytes: s.code_bytes },
		{ name: t('The engine itself'), bytes: s.system_bytes },
	];
	const known = named.reduce((sum, n) => sum + n.bytes, 0);
	if (known === 0) return [];
	return [{ name: t('Objects'), bytes: Math.max(0, total - known) }, ...named].filter((n) => n.bytes > 0);
}

export function Statistics({ snapshot }: { snapshot: Snapshot }) {
	if (snapshot.kind === 'jvm') return null;
	const parts = shares(snapshot.total_bytes, snapshot.statistics);
	if (parts.length === 0) return null;
	const total = parts.reduce((sum, p) => sum + p.bytes, 0);
	return (
		<section class="part">
			<h2>{t('What it consists of')}</h2>
			<div class="stack" aria-hidden="true">
				{parts.map((p, i) => (
					<span key={p.name} class={`stack-${i}`} style={{ width: `${(p.bytes / total) * 100}%` }}
						title={`${p.name}: ${bytes(p.bytes)}`} />
				))}
			</div>
			<ul class="stack-legend">
				{parts.map((p, i) => (
					<li key={p.name}>
						<span class={`swatch stack-${i}`} aria-hidden="true" />
						<span>{p.name}</span> <strong>{bytes(p.bytes)}</strong>{' '}
						<span class="quiet">{percent(p.bytes, total)}</span>
					</li>
				))}
			</ul>
		</section>
	);
}
