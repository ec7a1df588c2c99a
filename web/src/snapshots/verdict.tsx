// What grows, said first: the sentence, what holds it, how much of the growth it explains.
import type { ComponentChildren } from 'preact';
import type { HeapChange, HeapGrowth, HeapHolder, SnapshotRow } from '../api/types';
import { href } from '../app/address';
import { bytes, count } from '../format/number';
import { When } from '../ui/time';
import { rich, t } from '../words/words';
import { Chain } from './chain';
import { GrowthBadge, Name, Share, Words } from './heap';
import { GROWTH, percent, signedBytes, signedCount } from './words';

const CHANGES = 8;

export function GrowthVerdict({ growth, kind, children }: {
	growth: HeapGrowth;
	kind: SnapshotRow['kind'];
	children?: ComponentChildren;
}) {
	const { holder } = growth;
	return (
		<section class={`part growth-part like-${GROWTH[growth.verdict].like}`} aria-labelledby="growth-title">
			<h2 id="growth-title">{t('What grows')} <GrowthBadge verdict={growth.verdict} /></h2>
			<p class="growth-words"><Words text={growth.words} /></p>
			<p class="quiet">
				{rich('{size} since <a>the snapshot of {when}</a> ({before} then), compared {how}.', {
					size: signedBytes(growth.grown_bytes), when: <When ms={growth.before_at_ms} />, before: bytes(growth.before_total_bytes),
					a: (x) => growth.before === null ? x : <a href={href.snapshot(growth.before)}>{x}</a>,
					how: t(kind === 'jvm' ? 'class by class' : 'object by object'),
				})}
			</p>
			{holder && <Holder holder={holder} growth={growth} />}
			{growth.changes.length > 0 && <Changes rows={growth.changes} more={growth.verdict === 'class-growth'} />}
			{children}
		</section>
	);
}

function Holder({ holder, growth }: { holder: HeapHolder; growth: HeapGrowth }) {
	// When other objects have shrunk, one holder explains more than the whole.
	const grown = Math.max(0, growth.grown_bytes);
	const explained = Math.min(growth.explained_bytes, grown);
	return (
		<div class="growth-holder">
			<div>
				<h3>{t('What holds it')}</h3>
				<Chain holder={holder} grown />
			</div>
			<dl class="facts">
				<div>
					<dt>{t('Share of the growth')}</dt>
					<dd>
						<span class="bar-cell">
							<Share part={explained} of={grown} />
							<strong>{percent(explained, grown)}</strong>
						</span>
						<p class="quiet">{t('{used} of {limit}', { used: bytes(explained), limit: bytes(grown) })}</p>
					</dd>
				</div>
				<div>
					<dt>{t('New in it')}</dt>
					<dd>
						<strong>{signedCount(holder.child_count)}</strong> <Name of={holder.child} />
						<p class="quiet">{t('{size} retained by them', { size: bytes(holder.child_bytes) })}</p>
					</dd>
				</div>
				<div><dt>{t('Retained in all')}</dt><dd>{bytes(holder.retained_bytes)}</dd></div>
			</dl>
		</div>
	);
}

/** Classes that came and went in between. */
function Changes({ rows, more }: { rows: readonly HeapChange[]; more: boolean }) {
	const table = (
		<div class="scroll" tabIndex={0} role="region" aria-label={t('Classes that came and went')}>
			<table class="grid compact heap-table">
				<thead>
					<tr>
						<th scope="col">{t('Class')}</th>
						<th scope="col" class="num">{t('New')}</th>
						<th scope="col" class="num">{t('Gone')}</th>
						<th scope="col" class="num">{t('Difference')}</th>
						<th scope="col" class="num">{t('Shallow')}</th>
					</tr>
				</thead>
				<tbody>
					{rows.map((c) => (
						<tr key={`${c.name}|${c.location ?? ''}`}>
							<th scope="row"><Name of={c} /></th>
							<td class="num">{count(c.added)}</td>
							<td class="num">{count(c.removed)}</td>
							<td class="num"><strong>{signedCount(c.added - c.removed)}</strong></td>
							<td class="num">{signedBytes(c.added_bytes - c.removed_bytes)}</td>
						</tr>
					))}
				</tbody>
			</table>
		</div>
	);
	return (
		<details class="disclosure" open={more && rows.length <= CHANGES}>
			<summary>{t('Objects that came and went, by class ({n})', { n: count(rows.length) })}</summary>
			{table}
		</details>
	);
}

/** There is nothing to compare with yet: how there would be. */
export function NotCompared({ instance, service, kind, mayTake }: {
	instance: number;
	service: number;
	kind: SnapshotRow['kind'];
	mayTake: boolean;
}) {
	return (
		<section class="part growth-part" aria-labelledby="growth-title">
			<h2 id="growth-title">{t('What grows')}</h2>
			<p>
				{t(kind === 'jvm' ? 'One snapshot shows what is there; two of the same process show what grows.'
					: 'One snapshot shows what is there; two of the same process show what grows and what holds it.')}
				{' '}{t('Take another one of this process after it has grown.')}
			</p>
			{mayTake && <p><a class="button" href={href.snapshots(service, { take: instance })}>{t('Take another…')}</a></p>}
		</section>
	);
}
