// What a join token is to allow: how many hosts, for how long, which, and their labels.
import { Field, Line } from '../alerts/fields';
import { DAY, HOUR, duration } from '../format/time';
import { readLabels } from '../hosts/typed';
import { t } from '../words/words';

const LENGTHS = [HOUR, DAY, 7 * DAY, 30 * DAY, 90 * DAY, 365 * DAY];

export interface JoinWish {
	uses: string;
	length: number;
	glob: string;
	labels: string;
}

export const USUAL: JoinWish = { uses: '1', length: HOUR, glob: '', labels: '' };

/** As the API takes it, but for its name; or what is wrong. Pure. */
export function bodyOf({ uses, length, glob, labels }: JoinWish): { body: Record<string, unknown> } | { wrong: string } {
	const read = readLabels(labels.replaceAll(',', '\n'));
	if ('wrong' in read) return read;
	return { body: { kind: 'join', ttl_s: length / 1000, max_uses: Number(uses), ...(glob.trim() ? { host_glob: glob.trim() } : {}),
		...(Object.keys(read.labels).length > 0 ? { labels: read.labels } : {}) } };
}

export function Lengths({ value, set }: { value: number; set: (ms: number) => void }) {
	return (
		<Field label={t('Good for')}>
			<select name="ttl" value={value} onChange={(e) => set(Number(e.currentTarget.value))}>
				{LENGTHS.map((ms) => <option key={ms} value={ms}>{duration(ms)}</option>)}
			</select>
		</Field>
	);
}

export function JoinFields({ wish, set }: { wish: JoinWish; set: (part: Partial<JoinWish>) => void }) {
	return (
		<>
			<div class="pair">
				<Field label={t('Hosts')}>
					<input name="uses" type="number" min={1} max={1_000_000} value={wish.uses} required onInput={(e) => set({ uses: e.currentTarget.value })} />
				</Field>
				<Lengths value={wish.length} set={(length) => set({ length })} />
			</div>
			<div class="pair">
				<Line label={t('Names of hosts')} name="glob" value={wish.glob} set={(glob) => set({ glob })} max={255} placeholder={t('any')} help={t('A name, or with * for anything: web-*')} />
				<Line label={t('Labels')} name="labels" value={wish.labels} set={(labels) => set({ labels })} placeholder={t('none')} help={t('What joins with it is labelled so: env=production, zone=eu-1')} />
			</div>
		</>
	);
}
