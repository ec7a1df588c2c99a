// What the squares of the map show, each in a colour, in a shape or letter, and in words. Pure.
import type { HostMap } from '../api/fleet';
import type { Verdict } from '../api/types';
import { type HostsView, VERDICTS } from '../app/address';
import { VERDICT_WORDS } from '../ui/verdict';
import { t } from '../words/words';

/** One kind of square, in the order of the legend. */
export interface Look {
	class: string;
	/** A letter or figure on it; '': its shape tells. */
	mark: string;
	words: string;
	count: number;
}

export interface Looks {
	legend: Look[];
	/** For each host, which of the legend. */
	of: number[];
}

const LETTERS = 'ABCDEF';
const MEMORY = [500, 700, 850, 950];

export function looks(map: HostMap, colour: HostsView['colour'], shown: readonly number[]): Looks {
	const all = { state: byState, version: byVersion, agent: byAgent, memory: byMemory }[colour](map);
	for (const i of shown) (all.legend[all.of[i] ?? 0] as Look).count++;
	return all;
}

const look = (cls: string, mark: string, words: string): Look => ({ class: cls, mark, words, count: 0 });

/** What does not report is not known, whatever was said of it last. */
function byState(map: HostMap): Looks {
	const legend = [...VERDICTS.map((v: Verdict) => look(`v-${v}`, '', VERDICT_WORDS[v])),
		look('x-silent', '', t('no data')), look('x-none', '', t('nothing runs'))];
	const place = map.verdicts.map((v) => VERDICTS.indexOf(v));
	const silent = VERDICTS.length;
	return {
		legend,
		of: map.hosts.verdict.map((v, i) => (map.agents[map.hosts.agent[i] ?? 0] !== 'reporting' ? silent : v < 0 ? silent + 1 : place[v] ?? 0)),
	};
}

function byVersion(map: HostMap): Looks {
	const counts = map.versions.map((_, v) => map.hosts.version.filter((of) => of === v).length);
	const most = counts.map((_, v) => v).sort((a, b) => (counts[b] ?? 0) - (counts[a] ?? 0)).slice(0, LETTERS.length);
	const legend = [...most.map((v, i) => look(`c-${i + 1}`, LETTERS[i] ?? '', map.versions[v]?.version || t('unknown'))),
		look('c-other', '+', t('other versions')), look('x-none', '', t('none'))];
	return {
		legend,
		of: map.hosts.version.map((v) => (v < 0 ? most.length + 1 : most.includes(v) ? most.indexOf(v) : most.length)),
	};
}

function byAgent(map: HostMap): Looks {
	const words = { reporting: t('reporting'), silent: t('silent'), never: t('not heard yet') };
	const shapes = { reporting: 'v-steady', silent: 'x-silent', never: 'x-none' };
	return { legend: map.agents.map((a) => look(shapes[a], '', words[a])), of: map.hosts.agent };
}

function byMemory(map: HostMap): Looks {
	const legend = [...[...MEMORY, 1000].map((to, i) => look(`m-${i + 1}`, String(i + 1),
		i === MEMORY.length ? t('{from} % and more', { from: (MEMORY.at(-1) ?? 0) / 10 }) : t('up to {to} %', { to: to / 10 }))),
	look('x-none', '', t('not known'))];
	return {
		legend,
		of: map.hosts.memory_permille.map((m) => (m === null ? MEMORY.length + 1 : MEMORY.filter((to) => m >= to).length)),
	};
}

export interface Section {
	/** '' when all are together, or without the label. */
	name: string;
	hosts: number[];
}

/** The hosts by the values of a label, those without it last. */
export function sections(map: HostMap, group: string, shown: readonly number[]): Section[] {
	const label = map.labels.find((l) => l.key === group);
	if (!label) return [{ name: '', hosts: [...shown] }];
	const found = new Map<number, number[]>();
	for (const i of shown) {
		const value = label.of[i] ?? -1;
		const list = found.get(value);
		if (list) list.push(i);
		else found.set(value, [i]);
	}
	return [...found].map(([value, hosts]) => ({ name: label.values[value] ?? '', hosts }))
		.sort((a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name, undefined, { numeric: true }));
}
