// Labels as people type them.
import { t } from '../words/words';

const KEY = /^[a-z0-9._/-]{1,63}$/;
const MOST = 16;
const LONGEST = 120;

/** "env = production", a line each, as the API takes it; or what is wrong. Pure. */
export function readLabels(text: string): { labels: Record<string, string> } | { wrong: string } {
	const labels: Record<string, string> = {};
	for (const line of text.split('\n').map((l) => l.trim()).filter(Boolean)) {
		const at = line.indexOf('=');
		const key = line.slice(0, at).trim();
		const value = line.slice(at + 1).trim();
		if (at < 0) return { wrong: t('“{line}” has no =: write key=value.', { line: line.slice(0, 60) }) };
		if (!KEY.test(key)) return { wrong: t('“{key}” is no key: small letters, digits and . _ - / only.', { key: key.slice(0, 60) }) };
		if (value === '') return { wrong: t('{key} has no value.', { key }) };
		if (new TextEncoder().encode(value).length > LONGEST) return { wrong: t('The value of {key} is longer than {n} bytes.', { key, n: LONGEST }) };
		if (Object.hasOwn(labels, key)) return { wrong: t('{key} stands there twice.', { key }) };
		labels[key] = value;
	}
	if (Object.keys(labels).length > MOST) return { wrong: t('A host has at most {n} labels.', { n: MOST }) };
	return { labels };
}

/** The other way: "env=production, zone=eu-1". */
export function labelText(labels: Record<string, string>): string {
	return Object.entries(labels).map(([key, value]) => `${key}=${value}`).join(', ');
}
