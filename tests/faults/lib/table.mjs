// The table of goals: one row a goal, what is long is broken.

const WIDTHS = [4, 22, 40, 52];

function broken(text, width) {
	const out = [''];
	for (const word of text.split(/\s+/)) {
		if (out.at(-1) && out.at(-1).length + 1 + word.length > width)
			out.push('');
		out[out.length - 1] += (out.at(-1) && ' ') + word;
	}
	return out;
}

function row(cells, verdict) {
	const columns = cells.map((text, i) => broken(text, WIDTHS[i]));
	const height = Math.max(...columns.map((column) => column.length));
	return Array.from({ length: height }, (_, at) =>
		(columns.map((column, i) => (column[at] ?? '').padEnd(WIDTHS[i])).join('  ') +
			(at === 0 ? `  ${verdict}` : '')).trimEnd());
}

export function verdict({ failed, met, why }) {
	if (failed)
		return 'FAILED';
	return why ? 'not run' : met ? 'met' : 'NOT met';
}

export function lines(results) {
	return [
		...row(['goal', '', 'asked', 'seen'], ''),
		...results.flatMap((result) => row([result.goal.id, result.goal.title, result.goal.asked ?? '',
			result.failed?.split('\n')[0] ?? result.seen ?? result.why], verdict(result))),
	];
}
