// What the page about notifications says.
import type { Message, Target, TargetEvent } from '../api/settings';
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

export const STATE_WORDS: Record<Message['state'], string> = {
	waiting: t('waiting'), sent: t('sent'), failed: t('given up'), dropped: t('dropped'), folded: t('held back'), muted: t('muted'),
};

export type TargetKind = Target['kind'];

/** Names of products stay as they are. */
export const KIND_NAMES: Record<TargetKind, string> = {
	webhook: t('Webhook'), 'alertmanager-webhook': t('Webhook, as Alertmanager posts it'), alertmanager: 'Alertmanager', smtp: t('E-mail'),
	slack: 'Slack', feishu: t('Feishu'), dingtalk: t('DingTalk'), wecom: t('WeCom'),
};

export const KIND_HELP: Record<TargetKind, string> = {
	webhook: t('Each event is posted there as JSON, signed.'),
	'alertmanager-webhook': t('For what takes the webhooks of Alertmanager: the same JSON, version 4, signed.'),
	alertmanager: t('Alerts are pushed into your Alertmanagers and renewed while they are open. Up to eight addresses, by spaces.'),
	smtp: t('One letter for each event, by your mail server.'),
	slack: t('A text for an incoming webhook.'), feishu: t('A text for a bot of a group.'), dingtalk: t('A text for a bot of a group.'), wecom: t('A text for a bot of a group.'),
};

/** Of these the posts are signed with a secret that the server makes. */
export const SIGNED: readonly TargetKind[] = ['webhook', 'alertmanager-webhook'];
/** These sign with a secret that their own console shows. */
export const OWN_SECRET: readonly TargetKind[] = ['feishu', 'dingtalk'];

export const ADDRESS_EXAMPLES: Record<TargetKind, string> = {
	webhook: 'https://hooks.example.com/…', 'alertmanager-webhook': 'https://hooks.example.com/…', alertmanager: 'http://alertmanager.example.com:9093',
	smtp: 'smtp://mail.example.com:587', slack: 'https://hooks.slack.com/services/…', feishu: 'https://open.feishu.cn/open-apis/bot/v2/hook/…',
	dingtalk: 'https://oapi.dingtalk.com/robot/send?access_token=…', wecom: 'https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=…',
};
