// What the pages about configuration say, and what they think of a value before the server does.
import type { ConfigAgent, ConfigGroup, ConfigRevision, ConfigSetting, ConfigSettings, ConfigStage, ConfigState } from '../api/config';
import { labelText } from '../hosts/typed';
import { t } from '../words/words';

export const STAGES: readonly ConfigStage[] = ['canary', 'part', 'all'];

export const STAGE_WORDS: Record<ConfigStage, string> = { canary: t('canary'), part: t('a part'), all: t('all') };

/** Those that ask for somebody first. */
export const STATES: readonly ConfigState[] = ['drift', 'refused', 'old', 'overridden', 'waiting', 'silent', 'same', 'own'];
/** What is shown of all groups, unless asked otherwise. */
export const DIFFERS: readonly ConfigState[] = ['drift', 'refused', 'old', 'overridden'];

export const STATE_WORDS: Record<ConfigState, string> = {
	drift: t('runs something else'), refused: t('takes a part only'), old: t('too old'), overridden: t('own file wins in part'),
	waiting: t('not there yet'), silent: t('silent'), same: t('as told'), own: t('own file'),
};

export const STATE_HELP: Record<ConfigState, string> = {
	drift: t('It reports, and what it runs is not what it was told.'),
	refused: t('It runs what it was told, but for settings that it does not take.'),
	old: t('Its version takes no settings: upgrade it.'),
	overridden: t('It runs what it was told, but for settings that stand in its own agent.conf.'),
	waiting: t('It is told with its next word to the server.'),
	silent: t('It does not report.'),
	same: t('It runs what it was told.'),
	own: t('It is in no group, or its group was told nothing: it runs its own agent.conf.'),
};

export const STATE_SHAPES: Record<ConfigState, string> =
	{ drift: '▲', refused: '◆', old: '◇', overridden: '◐', waiting: '○', silent: '✕', same: '●', own: '–' };

export const FATES: Record<ConfigAgent['exceptions'][0]['fate'], string> = {
	overridden: t('stands in its own file'), forbidden: t('its own file does not allow it'), unknown: t('it does not know it'),
	bounds: t('out of its bounds'), failed: t('could not be applied'),
};

export const REVISION_WORDS: Record<ConfigRevision['state'], string> = {
	waiting: t('draft'), rolling: t('rolling out'), paused: t('paused'), good: t('in force'), replaced: t('replaced'), rolled_back: t('taken back'), dropped: t('dropped'),
};

/** Which hosts a rule fits. Pure. */
export function ruleText({ host, labels }: Pick<ConfigGroup, 'host' | 'labels'>): string {
	return [host, labelText(labels)].filter(Boolean).join(', ') || t('all hosts');
}

/** "revision 3", or that nothing is told. Pure. */
export function toldText(revision: ConfigRevision | null): string {
	return revision ? t('revision {id}', { id: `#${revision.id}` }) : t('their own files');
}

export interface Change {
	name: string;
	/** undefined: the hosts' own files say. */
	before: string | undefined;
	after: string | undefined;
}

/** What one set of settings changes in another, by name. Pure. */
export function changes(before: ConfigSettings, after: ConfigSettings): Change[] {
	const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
	return names.map((name) => ({ name, before: before[name], after: after[name] })).filter((c) => c.before !== c.after);
}

/** In milliseconds. */
const TIMES: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const SIZES: Record<string, number> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** A value as in agent.conf, in milliseconds or bytes; undefined: it is none. Pure. */
export function amount(kind: ConfigSetting['kind'], text: string): number | undefined {
	const [, digits, unit] = /^(\d+)([A-Za-z]*)$/.exec(text.trim()) ?? [];
	if (digits === undefined || unit === undefined) return undefined;
	const each = (kind === 'duration' ? TIMES : SIZES)[unit];
	return each === undefined ? undefined : Number(digits) * each;
}

/** What is wrong with a value; '': nothing. Pure. */
export function wrong(s: ConfigSetting, text: string): string {
	if (s.kind !== 'duration' && s.kind !== 'bytes') return '';
	const value = amount(s.kind, text);
	if (value === undefined) return s.kind === 'duration' ? t('Write a time as 20ms, 10s, 5m, 1h or 7d.') : t('Write a size as 512K, 16M or 2G.');
	if ((s.minimum !== null && value < s.minimum) || (s.maximum !== null && value > s.maximum)) return t('From {bounds}.', { bounds: s.bounds });
	return '';
}

/** The words of which one can be chosen. Pure. */
export function choicesOf(s: ConfigSetting): string[] {
	if (s.kind === 'bool') return ['yes', 'no'];
	return s.kind === 'word' ? s.bounds.split(/, | or /).filter(Boolean) : [];
}

/** Hosts of the group that run something else than they were told, or cannot be told. Pure. */
export function differing(group: ConfigGroup): number {
	return DIFFERS.reduce((sum, state) => sum + (group.counts[state] ?? 0), 0);
}
