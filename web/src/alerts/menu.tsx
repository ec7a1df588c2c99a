// More of what can be done, behind one button.
import type { ComponentChildren } from 'preact';

export function Menu({ name, children }: { name: string; children: ComponentChildren }) {
	const shut = (menu: HTMLDetailsElement) => { menu.open = false; };
	return (
		<details class="menu deeds"
			onClick={(e) => { if ((e.target as Element).closest('.menu-items')) shut(e.currentTarget); }}
			onKeyDown={(e) => {
				if (e.key !== 'Escape') return;
				shut(e.currentTarget);
				e.currentTarget.querySelector('summary')?.focus();
			}}
			onFocusOut={(e) => { if (!e.currentTarget.contains(e.relatedTarget as Node | null)) shut(e.currentTarget); }}>
			<summary class="button">{name}</summary>
			<div class="menu-items">{children}</div>
		</details>
	);
}
