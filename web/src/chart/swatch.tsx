import { VersionName } from '../ui/verdict';
import { VERSION_COLOURS } from './colours';

/** The colour of a version. */
export function Swatch({ index, light = false }: { index: number; light?: boolean | undefined }) {
	return <span class={`swatch series-${(index % VERSION_COLOURS) + 1} ${light ? 'light' : ''}`} aria-hidden="true" />;
}

/** A version with its colour. */
export function VersionKey({ colour, version }: { colour: number; version: string }) {
	return <span class="key" title={version}><Swatch index={colour} /><VersionName version={version} /></span>;
}
