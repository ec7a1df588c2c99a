// What draws is the largest part of the console's code: it comes with the first chart.
import { useEffect, useState } from 'preact/hooks';
import { toast } from '../ui/toast';
import { t } from '../words/words';
import type { Plot } from './plot';

let painter: typeof Plot | undefined;
let loading: Promise<void> | undefined;

async function load(): Promise<void> {
	try {
		painter = (await import('./plot')).Plot;
	} catch {
		toast(t('The charts could not be loaded: load the page again.'), { kind: 'failed' });
	}
}

/** undefined until it is there. */
export function usePainter(): typeof Plot | undefined {
	const [, loaded] = useState(false);
	useEffect(() => {
		if (painter) return;
		let gone = false;
		loading ??= load();
		void loading.then(() => {
			if (!gone) loaded(true);
		});
		return () => { gone = true; };
	}, []);
	return painter;
}
