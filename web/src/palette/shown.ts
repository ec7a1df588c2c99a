import { signal } from '@preact/signals';

/** Whether the command palette is open. */
export const paletteShown = signal(false);
