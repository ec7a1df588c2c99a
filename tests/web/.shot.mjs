import { launch, Window, WIDE, NARROW } from './lib/browser.mjs';
import { readFileSync } from 'node:fs';
const info = JSON.parse(readFileSync('/tmp/w/e2e/info.json'));
const pages = process.argv.slice(2);
const b = await launch();
const w = await Window.open(b, { url: `http://127.0.0.1:${info.port}`, out: '/tmp/w/e2e/shots', theme: process.env.THEME ?? 'light', size: process.env.NARROW ? NARROW : WIDE });
await w.logIn('ada', info.password);
for (const p of pages) {
  try { await w.goto(p); } catch (e) { console.log(p, e.message.slice(0,200)); }
  await w.page.screenshot({ path: `/tmp/w/e2e/shots/${p.replace(/[^a-z0-9]+/gi, '_')}${process.env.NARROW?'_n':''}${process.env.THEME??''}.png`, fullPage: true });
}
console.log(w.faults);
await b.close();
