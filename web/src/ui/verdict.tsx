// A verdict is told three ways at once: by the shape that memory takes, by colour, by word.
import type { JSX } from 'preact';
import type { AlertState, Level, Verdict } from '../api/types';
import { VERDICTS } from '../app/address';
import { rich, t } from '../words/words';

export const VERDICT_WORDS: Record<Verdict, string> = {
	leak: t('leaks'),
	native: t('native growth'),
	backlog: t('backlog'),
	watch: t('watch'),
	step: t('stepped up'),
	fragmentation: t('fragmented'),
	warmup: t('warming up'),
	load: t('follows load'),
	cyclic: t('comes and goes'),
	learning: t('learning'),
	unusable: t('unusable'),
	steady: t('steady'),
};

/** Those that somebody has to see to. */
export const ALARMING: readonly Verdict[] = ['leak', 'native', 'backlog'];

/** For sorting, the worst first. */
export function byVerdict(a: { verdict: Verdict }, b: { verdict: Verdict }): number {
	return VERDICTS.indexOf(a.verdict) - VERDICTS.indexOf(b.verdict);
}

export const VERDICT_HELP: Record<Verdict, string> = {
	leak: t('Memory grows on, beyond noise, without an end in sight'),
	native: t('Memory outside the managed heap grows on, without an end in sight'),
	backlog: t('More work comes in than goes out, and waits in memory'),
	watch: t('Memory grows, but not yet surely or not yet much'),
	step: t('Memory rose once, or a few times, and stayed'),
	fragmentation: t('The heap rests; what is around it grows ever slower'),
	warmup: t('Memory grows since the start, ever slower, or as those before it did'),
	load: t('Memory follows the load'),
	cyclic: t('Memory comes and goes, by the day or by the collector'),
	learning: t('Not enough data yet'),
	unusable: t('The readings cannot be judged; the summary says why'),
	steady: t('No growth beyond noise'),
};

const SHAPES: Record<Verdict, JSX.Element> = {
	leak: <path d="M1 11.5 11.5 1v10.5z" fill="currentColor" />,
	native: <path d="M1 11.5 11.5 1v10.5zM7 6.8v3.2" fill="currentColor" fill-rule="evenodd" class="notch" />,
	backlog: <path d="M1 8.5h2.6v3H1zM4.7 5h2.6v6.5H4.7zM8.4 1H11v10.5H8.4z" fill="currentColor" />,
	watch: <path d="M2 10.8 10.8 2v8.8z" class="stroke" />,
	step: <path d="M1 9.5h5v-6h5" class="stroke" />,
	warmup: <path d="M1 10.5c1-6 3.5-7 10-7" class="stroke" />,
	fragmentation: <path d="M1 9.5 4 6.5M5 8l2.5-3M8.5 6.5 11 4.5" class="stroke" />,
	load: <path d="M1 9c2 0 2-5 4-5s2 4 3.5 4S10 5 11 5" class="stroke" />,
	cyclic: <path d="M1 6c1.7-5 3.3-5 5 0s3.3 5 5 0" class="stroke" />,
	unusable: <path d="m2.5 2.5 7 7m0-7-7 7" class="stroke" />,
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
	archived: <path d="M1.5 3.5h9v7h-9zM1.5 6h9" class="stroke" />,
	resolved: <path d="m1.8 6.4 2.7 2.7 5.7-6.2" class="stroke" />,
};

const STATE_WORDS: Record<AlertState, string> =
	{ open: t('open'), acknowledged: t('acknowledged'), archived: t('archived'), resolved: t('resolved') };

export function StateBadge({ state }: { state: AlertState }) {
	return (
		<span class={`state s-${state}`}>
			<svg class="glyph" viewBox="0 0 12 12" width="12" height="12" aria-hidden="true">{STATE_SHAPES[state]}</svg>
			{STATE_WORDS[state]}
		</span>
	);
}

export const LEVEL_HELP: Record<Level, string> = {
	watch: t('Shown early, and not yet sure: nobody is alerted'),
	confirmed: t('Sure enough to alert'),
};

/** How sure the detector is: "watch" stands back, "confirmed" does not. */
export function LevelBadge({ level }: { level: Level }) {
	return <span class={`level l-${level}`} title={LEVEL_HELP[level]}>{t(level === 'watch' ? 'watched' : 'confirmed')}</span>;
}

/** Git's hash and more. */
const VERSION_SHOWN = 90;

export function VersionName({ version }: { version: string }) {
	if (version.length > VERSION_SHOWN) return <span class="version" title={version.slice(0, 600)}>{version.slice(0, VERSION_SHOWN)}…</span>;
	if (version !== '') return <span class="version">{version}</span>;
	return <span class="unknown">{rich('unknown<s> version</s>', { s: (x) => <span class="sr-only">{x}</span> })}</span>;
}
