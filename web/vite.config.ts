import { defineConfig } from 'vitest/config';
import { slim } from './build/slim';
import { words } from './build/words';

// The server that `vite` (the development server) passes API calls on to.
const api = process.env['TIDEMARK_URL'] ?? 'http://127.0.0.1:8470';

export default defineConfig({
	plugins: [slim(), words({ draft: process.env['TIDEMARK_WORDS'] === 'draft' })],
	build: {
		target: 'es2022',
		minify: 'terser',
		terserOptions: {
			compress: { passes: 3, ecma: 2020, module: true, unsafe_arrows: true },
			mangle: { module: true },
			format: { comments: false },
		},
		// What is small travels with what it is used by: many small files pack badly.
		rollupOptions: { output: { experimentalMinChunkSize: 12_000 } },
		sourcemap: false,
		// The console's content security policy allows no data: addresses.
		assetsInlineLimit: 0,
		modulePreload: { polyfill: false },
		reportCompressedSize: false,
	},
	server: { proxy: { '/api': api } },
	test: {
		environment: 'happy-dom',
		testTimeout: 60_000,
		include: ['{src,build}/**/*.test.{ts,tsx}'],
		env: { TZ: 'UTC' },
		setupFiles: ['src/testing/setup.ts'],
	},
});
