// What the page about detection says.
import type { ReplayRow, Sensitivity } from '../api/types';
import { t } from '../words/words';

export const SENSITIVITY_WORDS: Record<Sensitivity, string> = { calm: t('calm'), normal: t('normal'), eager: t('eager') };

export const SENSITIVITY_HELP: Record<Sensitivity, string> = {
	calm: t('Alerts late and rarely: only what is beyond any doubt.'),
	normal: t('Alerts when it is sure.'),
	eager: t('Alerts early, and errs more often.'),
};

export const REPLAY_WORDS: Record<ReplayRow['state'], string> = {
	waiting: t('waiting'), running: t('running'), done: t('done'), failed: t('failed'),
};
