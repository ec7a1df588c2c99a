/** A water line below the mark it has once reached. */
export function Logo({ size = 20 }: { size?: number }) {
	return (
		<svg class="logo" width={size} height={size} viewBox="0 0 20 20" aria-hidden="true">
			<path class="logo-mark" d="M2 4.5h16" />
			<path class="logo-water" d="M2 14c2-4 4.4-4 6.4-1.4s4.4 2.4 9.6-5.100" />
		</svg>
	);
}
