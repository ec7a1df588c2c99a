// Pages whose code comes when they are first opened.
import type { ComponentType } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { ApiError } from '../api/client';
import { t } from '../words/words';
import { Failure, Skeleton } from './states';

/** `load` brings the component; until then there is a skeleton. `part`: it is a part of a page
 *  that may have nothing to show, and waits unseen. */
export function later<P extends object>(load: () => Promise<ComponentType<P>>, part = false): ComponentType<P> {
	let loaded: ComponentType<P> | undefined;
	return function Later(props: P) {
		const [error, setError] = useState<ApiError>();
		const [, show] = useState(false);
		useEffect(() => {
			if (loaded) return;
			load().then((component) => {
				loaded = component;
				show(true);
			}, () => setError(new ApiError(0, t('This part of the console could not be loaded.'))));
		}, []);
		const Page = loaded;
		if (Page) return <Page {...props} />;
		// The browser remembers a failure, and after an upgrade the file has another name.
		if (error) return <Failure error={error} retry={() => location.reload()} page={!part} />;
		return part ? null : <Skeleton rows={6} />;
	};
}
