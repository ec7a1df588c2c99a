declare module 'virtual:catalogues' {
	/** Addresses of the catalogues; none outside of a build. */
	const urls: Record<string, string | undefined>;
	export default urls;
}
