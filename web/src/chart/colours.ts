// The canvas knows nothing of custom properties: this reads the tokens for it.

export const VERSION_COLOURS = 6;

export interface Colours {
	lines: string[];
	grid: string;
	axis: string;
	ink: string;
	mark: string;
	oom: string;
	level: string;
	hatch: string;
	forecast: string;
	drain: string;
	onset: string;
	watch: string;
}

export function readColours(element: HTMLElement): Colours {
	const probe = document.createElement('span');
	probe.hidden = true;
	element.append(probe);
	// As a colour, light-dark() is resolved; as a custom property it would not be.
	const token = (name: string) => {
		probe.style.color = `var(--${name})`;
		return getComputedStyle(probe).color;
	};
	const colours = {
		lines: Array.from({ length: VERSION_COLOURS }, (_, i) => token(`series-${i + 1}`)),
		grid: token('chart-grid'), axis: token('ink-3'), ink: token('ink'), mark: token('ink-2'),
		oom: token('leak'), level: token('leak'), hatch: token('chart-hatch'),
		forecast: token('chart-forecast'), drain: token('chart-drain'), onset: token('chart-onset'), watch: token('watch'),
	};
	probe.remove();
	return colours;
}
