// What draws is the largest part of the console's code: it comes with the first chart.
import { useEffect, useState } from 'preact/hooks';
import { toast } from '../ui/toast';
import type { Plot } from './plot';

let painter: typeof Plot | undefined;

/** undefined until it is there. */
export function usePainter(): typeof Plot | undefined {
	const [, loaded] = useState(false);
	useEffect(() => {
		if (painter) return;
		let gone = false;
		import('./plot').then((m) => {
			painter = m.Plot;
			if (!gone) loaded(true);
		}, () => toast('The charts could not be loaded: load the page again.', { kind: 'failed' }));
		return () => { gone = true; };
	}, []);
	return painter;
}
