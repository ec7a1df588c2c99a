// Small parts that all tables of classes share.
import type { ComponentChildren } from 'preact';
import type { HeapGrowth, HeapName, SnapshotRow } from '../api/types';
import { VerdictGlyph } from '../ui/verdict';
import { said } from '../words/said';
import { GROWTH, KINDS, shortPlace } from './words';

/** A class or object, and where it is written. */
export function Name({ of }: { of: HeapName }) {
	return (
		<span class="heap-name">
			<span class="heap-class">{of.name}</span>
			{of.location !== null && <>{' '}<code class="heap-location" title={of.location}>{shortPlace(of.location)}</code></>}
		</span>
	);
}

/** A sentence in which names stand between backticks. */
export function Words({ text }: { text: string }) {
	return <>{said(text).split('`').map((part, i) => i % 2 === 1 ? <code key={i}>{part}</code> : part)}</>;
}

/** How much of a whole, as a bar. The figure stands beside it. */
export function Share({ part, of }: { part: number; of: number }) {
	const ratio = of > 0 ? Math.min(1, Math.max(0, part / of)) : 0;
	return <span class="bar share" aria-hidden="true"><span style={{ width: `${ratio * 100}%` }} /></span>;
}

export function GrowthBadge({ verdict }: { verdict: HeapGrowth['verdict'] }) {
	const { word, like } = GROWTH[verdict];
	return (
		<span class={`verdict v-${like}`}>
			<VerdictGlyph verdict={like} />
			{word}
		</span>
	);
}

export function Kind({ kind }: { kind: SnapshotRow['kind'] }) {
	const { word, help } = KINDS[kind];
	return <span title={help}>{word}</span>;
}

/** The head of a column that can be sorted by. */
export function SortHead<K extends string>({ by, sorted, sort, num = false, up = false, minor = false, help, children }: {
	by: K;
	/** What the table is sorted by. */
	sorted: K;
	sort: (by: K) => void;
	num?: boolean;
	/** It sorts from the smallest to the largest. */
	up?: boolean;
	/** Left out where there is little room. */
	minor?: boolean;
	help?: string;
	children: ComponentChildren;
}) {
	const current = by === sorted;
	const direction = up ? 'ascending' : 'descending';
	return (
		<th scope="col" class={`${num ? 'num' : ''} ${minor ? 'minor' : ''}`} aria-sort={current ? direction : undefined} title={help}>
			<button type="button" class="sort" onClick={() => sort(by)}>
				{children}<span class="sort-mark" aria-hidden="true">{current ? (up ? '↑' : '↓') : ''}</span>
			</button>
		</th>
	);
}
