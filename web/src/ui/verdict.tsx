// A verdict is told three ways at once: by the shape that memory takes, by colour, by word.
import type { JSX } from 'preact';
import type { AlertState, Verdict } from '../api/types';
import { VERDICTS } from '../app/address';

export const VERDICT_WORDS: Record<Verdict, string> = {
	leak: 'leaks',
	watch: 'watch',
	step: 'stepped up',
	warmup: 'warming up',
	learning: 'learning',
	steady: 'steady',
};

/** For sorting, the worst first. */
export function byVerdict(a: { verdict: Verdict }, b: { verdict: Verdict }): number {
	return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict);
}

export const VERDICT_HELP: Record<Verdict, string> = {
	leak: 'Memory grows on, beyond noise, without an end in sight',
	watch: 'Memory grows, but not yet surely or not yet much',
	step: 'Memory rose once and stayed',
	warmup: 'Memory grows since the start, ever slower',
	learning: 'Not enough data yet',
	steady: 'No growth beyond noise',
};

const SHAPES: Record<Verdict, JSX.Element> = {
	leak: <path d="M1 11.5 11.5 1v10.5z" fill="currentColor" />,
	watch: <path d="M2 10.8 10.8 2v8.8z" class="stroke" />,
	step: <path d="M1 9.5h5v-6h5" class="stroke" />,
	warmup: <path d="M1 10.5c1-6 3.5-7 10-7" class="stroke" />,
	learning: <path d="M1.5 6h0M6 6h0M10.5 6h0" class="stroke dots" />,
	steady: <path d="M1 6h10" class="stroke" />,
};

export function VerdictGlyph({ verdict }: { verdict: Verdict }) {
	return (
		<svg class={`glyph v-${verdict}`} viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">
			{SHAPES[verdict] ?? SHAPES.learning}
		</svg>
	);
}

export function VerdictBadge({ verdict }: { verdict: Verdict }) {
	return (
		<span class={`verdict v-${verdict}`} title={VERDICT_HELP[verdict]}>
			<VerdictGlyph verdict={verdict} />
			{VERDICT_WORDS[verdict] ?? verdict}
		</span>
	);
}

const STATE_SHAPES: Record<AlertState, JSX.Element> = {
	open: <circle cx="6" cy="6" r="4.5" fill="currentColor" />,
	acknowledged: (
		<g>
			<circle cx="6" cy="6" r="4.25" class="stroke" />
			<circle cx="6" cy="6" r="1.5" fill="currentColor" />
		</g>
	),
	resolved: <path d="m1.8 6.4 2.7 2.7 5.7-6.2" class="stroke" />,
};

export function StateBadge({ state }: { state: AlertState }) {
	return (
		<span class={`state s-${state}`}>
			<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{STATE_SHAPES[state]}</svg>
			{state}
		</span>
	);
}

export function VersionName({ version }: { version: string }) {
	if (version !== '') return <span class="version">{version}</span>;
	return <span class="unknown">unknown<span class="sr-only"> version</span></span>;
}
