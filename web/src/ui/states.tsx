// What a view shows when it has nothing to show yet, nothing at all, or something old.
import type { ComponentChildren } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import type { ApiError } from '../api/client';
import type { Resource } from '../api/resource';
import { now } from '../app/now';
import { ago } from '../format/time';
import { said } from '../words/said';
import { t } from '../words/words';

const PATIENCE_MS = 300;

/** Nothing for the first moment: most answers come before anybody would see a skeleton. */
export function Skeleton({ rows, page = false }: { rows: number; page?: boolean }) {
	const Says = page ? 'h1' : 'span';
	const [shown, show] = useState(false);
	useEffect(() => {
		const timer = setTimeout(() => show(true), PATIENCE_MS);
		return () => clearTimeout(timer);
	}, []);
	return (
		<div class="skeleton" role="status">
			<Says class="sr-only">{t('Loading…')}</Says>
			{shown && Array.from({ length: rows }, (_, i) => <div class="bone" key={i} />)}
		</div>
	);
}

export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
	return (
		<div class="empty">
			<h2>{title}</h2>
			{children}
		</div>
	);
}

export function Failure({ error, retry, page = false }: { error: ApiError; retry?: () => void; page?: boolean }) {
	const Heading = page ? 'h1' : 'h2';
	return (
		<div class="empty failure" role="alert">
			<Heading>{failureTitle(error)}</Heading>
			<p>{said(error.message)}</p>
			{retry && <button class="button" type="button" onClick={retry}>{t('Try again')}</button>}
		</div>
	);
}

function failureTitle(error: ApiError): string {
	if (error.status === 403) return t('You may not see this');
	if (error.status === 404) return t('There is no such thing here');
	if (error.status === 0) return t('No connection');
	return t('This could not be loaded');
}

/** Above data that could not be refreshed: how old it is, and why. */
export function Stale({ resource }: { resource: Resource<unknown> }) {
	const error = resource.error.value;
	if (!error || resource.data.value === undefined) return null;
	return (
		<p class="stale" role="status">
			<strong>{t('As of {ago}.', { ago: ago(resource.at.value, now.value) })}</strong> {said(error.message)}
		</p>
	);
}

/** The states that every view has: failed, loading, or `children` with the data. `page`:
 *  it is all that the page shows. */
export function Loaded<T>({ resource, rows = 6, page = false, children }: {
	resource: Resource<T>;
	rows?: number;
	page?: boolean;
	children: (data: T) => ComponentChildren;
}) {
	const data = resource.data.value;
	const error = resource.error.value;
	if (data === undefined && error)
		return <Failure error={error} retry={() => void resource.refresh()} page={page} />;
	if (data === undefined) return <Skeleton rows={rows} page={page} />;
	return (
		<>
			<Stale resource={resource as Resource<unknown>} />
			{children(data)}
		</>
	);
}
