// What the reader chose; every change draws the page anew.
import { meta } from './data.js';
import { sentences, words } from './i18n.js';

export const S = {
	lang: words[meta.lang] ? meta.lang : 'en',
	tz: meta.tz,
	run: meta.main,
	theme: 'auto',
	// flow
	edges: 60,
	min: '',
	from: '',
	to: '',
	find: '',
	fold: false,
};
export function t(key, ...args) {
	const text = words[S.lang][key] ?? words.en[key] ?? key;
	return text.replace(/\{(\d)\}/g, (_, n) => args[n]);
}
// A sentence of the program in the language of the page.
export function said(text) {
	for (const [pattern, own] of sentences[S.lang] ?? []) {
		const m = pattern.exec(text);
		if (m) return own.replace(/\{(\d)\}/g, (_, n) => m[Number(n) + 1]);
	}
	return text;
}
