// The snapshots of a service: those that are there, those under way, those that were not
// taken and why.
import { usePages, useResource } from '../api/resource';
import type { Capture, Service, SnapshotRow } from '../api/types';
import { type SnapshotsView, href } from '../app/address';
import { useKeys } from '../app/keyboard';
import { go } from '../app/router';
import { useTitle } from '../app/title';
import { isAdmin, mayAct } from '../session/session';
import { ServiceTabs } from '../service/tabs';
import { TableMenu } from '../ui/export';
import { More } from '../ui/more';
import { focusedRow, useRowKeys } from '../ui/rows';
import { Loaded } from '../ui/states';
import { useSteady } from '../ui/steady';
import { VerdictBadge } from '../ui/verdict';
import { t } from '../words/words';
import { Audit } from './audit';
import { NotTaken, UnderWay } from './captures';
import { NoSnapshots } from './empty';
import { Policy } from './policy';
import { inOrder } from './suggest';
import { SnapshotTable } from './table';
import { TakeDialog } from './take/dialog';
import { isUnderWay } from './words';

const PAGE = 100;
const CAPTURES = 50;

export function SnapshotsPage({ id, view }: { id: number; view: SnapshotsView }) {
	const service = useResource<Service>(`/services/${id}`, ['verdicts', 'alerts']);
	const name = service.data.value?.name;
	useTitle(name === undefined ? t('Snapshots') : t('Snapshots of {name}', { name }));
	return (
		<Loaded resource={service} page>
			{(s) => <Snapshots service={s} view={view} />}
		</Loaded>
	);
}

function Snapshots({ service, view }: { service: Service; view: SnapshotsView }) {
	const pages = usePages<SnapshotRow>(`/services/${service.id}/snapshots`, { limit: PAGE }, ['snapshots']);
	const captures = usePages<Capture>(`/services/${service.id}/captures`, { limit: CAPTURES }, ['snapshots']);
	const show = (changed: Partial<SnapshotsView>) =>
		go(href.snapshots(service.id, { ...view, ...changed }), { replace: true });
	const pick = (id: number) => show({ pick: picked(view.pick, id) });
	useListKeys(view, pages.data.value ?? [], pick, () => show({ take: 'choose' }));
	const all = captures.data.value ?? [];
	return (
		<>
			<Head service={service} compare={compareLink(view.pick, pages.data.value ?? [])} rows={pages.data.value ?? []} picked={view.pick.length} />
			<UnderWay rows={all.filter(isUnderWay)} />
			<Loaded resource={pages} rows={4}>
				{(rows) => rows.length === 0 ? <NoSnapshots service={service} />
					: <><Listed rows={rows} picked={view.pick} pick={pick} /><More pages={pages} /></>}
			</Loaded>
			<NotTaken rows={all} />
			<div class="two-parts">
				<Policy service={service.id} />
				{isAdmin() && <Audit service={service.id} />}
			</div>
			<TakeDialog service={service} view={view} />
		</>
	);
}

function Listed({ rows, picked: ticked, pick }: { rows: readonly SnapshotRow[]; picked: readonly number[]; pick: (id: number) => void }) {
	const { shown, chip } = useSteady(rows, ticked.length > 0);
	return <>{chip}<SnapshotTable rows={shown} picked={ticked} pick={pick} /></>;
}

/** Two rows at most are ticked: a third takes the place of the one ticked first. Pure. */
export function picked(before: readonly number[], id: number): number[] {
	return before.includes(id) ? before.filter((p) => p !== id) : [...before, id].slice(-2);
}

function compareLink(pick: readonly number[], rows: readonly SnapshotRow[]): string | null {
	const [a, b] = pick.map((id) => rows.find((r) => r.id === id));
	return a && b ? href.comparison(...inOrder(a, b)) : null;
}

function useListKeys(view: SnapshotsView, rows: readonly SnapshotRow[], pick: (id: number) => void,
	take: () => void): void {
	useRowKeys('snapshot');
	const onRow = () => {
		const id = Number(focusedRow()?.dataset['snapshot']);
		if (rows.some((r) => r.id === id)) pick(id);
	};
	const compare = () => {
		const link = compareLink(view.pick, rows);
		if (link) go(link);
	};
	useKeys([
		{ keys: 'x', help: t('Tick the snapshot'), group: t('Snapshots'), run: onRow },
		{ keys: 'c', help: t('Compare the two ticked'), group: t('Snapshots'), run: compare },
	]);
	useKeys([{ keys: 's', help: t('Take a snapshot'), group: t('Snapshots'), run: take }], mayAct());
}

function Head({ service, compare, rows, picked: ticked }: { service: Service; compare: string | null; rows: readonly SnapshotRow[]; picked: number }) {
	return (
		<>
			<header class="page-head service-head">
				<div>
					<p class="crumb"><a href={href.fleet()}>{t('Fleet')}</a></p>
					<h1>{service.name} <VerdictBadge verdict={service.verdict} /></h1>
					<p class="lead">{t('What its processes keep in memory, and what grows.')}</p>
				</div>
				<div class="actions">
					{compare ? <a class="button" href={compare}>{t('Compare')} <kbd aria-hidden="true">c</kbd></a>
						: ticked > 0 && <span class="quiet actions-hint" role="status">{t('Tick one more to compare')}</span>}
					{rows.length > 0 && <TableMenu name={t('Snapshots')} path={`/services/${service.id}/snapshots`} rows={() => rows} />}
					{mayAct() && (
						<a class="button primary" href={href.snapshots(service.id, { take: 'choose' })}>
							{t('Take a snapshot…')} <kbd aria-hidden="true">s</kbd>
						</a>
					)}
				</div>
			</header>
			<ServiceTabs service={service.id} current="snapshots" />
		</>
	);
}
