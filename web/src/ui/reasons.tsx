import type { Reason } from '../api/types';

/** What speaks for a verdict and what against it, side by side. */
export function Reasons({ reasons }: { reasons: readonly Reason[] }) {
	if (reasons.length === 0) return <p class="quiet">No reasons were recorded.</p>;
	return (
		<div class="reasons">
			<ReasonList title="For" reasons={reasons.filter((r) => r.for)} />
			<ReasonList title="Against" reasons={reasons.filter((r) => !r.for)} />
		</div>
	);
}

function ReasonList({ title, reasons }: { title: string; reasons: Reason[] }) {
	const speaksFor = title === 'For';
	return (
		<section class={speaksFor ? 'for' : 'against'}>
			<h3>{title}</h3>
			{reasons.length === 0
				? <p class="quiet">Nothing speaks {speaksFor ? 'for' : 'against'} it.</p>
				: <ul>{reasons.map((r) => <li key={r.text}>{r.text}</li>)}</ul>}
		</section>
	);
}
