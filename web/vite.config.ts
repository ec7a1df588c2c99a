import { defineConfig } from 'vitest/config';
import { words } from './build/words';

// The server that `vite` (the development server) passes API calls on to.
const api = process.env['TIDEMARK_URL'] ?? 'http://127.0.0.1:8470';

export default defineConfig({
	plugins: [words({ draft: process.env['TIDEMARK_WORDS'] !== 'strict' })],
	build: {
		target: 'es2022',
		sourcemap: false,
		// The console's content security policy allows no data: addresses.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
	},
	server: { proxy: { '/api': api } },
	test: {
		environment: 'happy-dom',
		include: ['{src,build}/**/*.test.{ts,tsx}'],
		env: { TZ: 'UTC' },
		setupFiles: ['src/testing/setup.ts'],
	},
});
