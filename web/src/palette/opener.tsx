// Opens the palette: Ctrl-K, or Cmd-K, wherever the focus is. Its code comes while the
// browser has nothing else to do, so that it is there within a frame when it is called.
import { useEffect } from 'preact/hooks';
import { later } from '../ui/later';
import { paletteShown } from './shown';

const load = async () => (await import('./palette')).Palette;
const Palette = later(load, true);

const IDLE_MS = 2000;

function onKey(event: KeyboardEvent): void {
	if (event.key.toLowerCase() !== 'k' || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
	event.preventDefault();
	paletteShown.value = !paletteShown.value;
}

export function PaletteOpener() {
	useEffect(() => {
		document.addEventListener('keydown', onKey);
		const timer = setTimeout(() => void load().catch(() => {}), IDLE_MS);
		return () => {
			document.removeEventListener('keydown', onKey);
			clearTimeout(timer);
		};
	}, []);
	return paletteShown.value ? <Palette /> : null;
}
