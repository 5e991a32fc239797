// Bundles report/src into report/dist/head.html and tail.html, between which the program
// puts its data. `npm ci && node build.mjs`; the result is kept in the repository.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const here = dirname(fileURLToPath(import.meta.url));
const out = process.argv[2] ?? join(here, 'dist');

async function bundle(entry, extra) {
	const r = await build({
		entryPoints: [join(here, 'src', entry)],
		bundle: true,
		minify: true,
		write: false,
		charset: 'utf8',
		legalComments: 'none',
		target: ['chrome100', 'firefox100', 'safari15'],
		...extra,
	});
	return r.outputFiles[0].text.trim();
}

const js = await bundle('main.js', { format: 'iife' });
const css = await bundle('style.css', {});
if (/<\/?script|<!--/i.test(js) || /<\/style/i.test(css))
	throw new Error('the bundle would end its own element');
const hash = (text) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;
const csp = [
	"default-src 'none'",
	`script-src ${hash(js)}`,
	`style-src ${hash(css)}`,
	"base-uri 'none'",
	"form-action 'none'",
].join('; ');
const page = readFileSync(join(here, 'src', 'page.html'), 'utf8');
const put = { CSP: csp, CSS: css, JS: js };
const filled = page.replace(/@@(CSP|CSS|JS)@@/g, (_, k) => put[k]);
const parts = filled.split('@@DATA@@');
if (parts.length !== 2)
	throw new Error('page.html needs one @@DATA@@');
mkdirSync(out, { recursive: true });
writeFileSync(join(out, 'head.html'), parts[0]);
writeFileSync(join(out, 'tail.html'), parts[1]);
