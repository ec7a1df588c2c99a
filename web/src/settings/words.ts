// What the page about notifications says.
import type { Message, TargetEvent } from '../api/settings';
import { t } from '../words/words';

/** Those that ask somebody to look, first. */
export const EVENTS: readonly TargetEvent[] =
	['opened', 'escalated', 'regressed', 'reopened', 'acknowledged', 'resolved', 'verified', 'dismissed', 'quiet', 'growing'];

export const EVENT_WORDS: Record<TargetEvent, string> = {
	opened: t('opened'), escalated: t('escalated'), regressed: t('regressed'), reopened: t('opened again'), acknowledged: t('acknowledged'),
	resolved: t('resolved'), verified: t('verified'), dismissed: t('not a leak'), quiet: t('gone quiet'), growing: t('growing again'),
};

export const EVENT_HELP: Record<TargetEvent, string> = {
	opened: t('a new alert'), escalated: t('got clearly worse since somebody looked'), regressed: t('leaks on the version that was to fix it'),
	reopened: t('somebody opened it again, or it came back from the archive'), acknowledged: t('somebody works on it'), resolved: t('somebody says in which version'),
	verified: t('enough host-hours on that version without the growth'), dismissed: t('somebody says that it is not a leak'),
	quiet: t('the growth has stopped'), growing: t('the growth goes on after a pause'),
};

/** Those that a new target is told of. */
export const USUAL: readonly TargetEvent[] = ['opened', 'escalated', 'regressed', 'reopened'];

export const STATE_WORDS: Record<Message['state'], string> = { waiting: t('waiting'), sent: t('sent'), failed: t('given up') };
