// What the reader chose; every change draws the page anew.
import { meta } from './data.js';
import { words } from './i18n.js';

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
};
export function t(key, ...args) {
	const text = words[S.lang][key] ?? words.en[key] ?? key;
	return text.replace(/\{(\d)\}/g, (_, n) => args[n]);
}
