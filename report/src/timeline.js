import { accounts, meta, taintOf, txs } from './data.js';
import { h, s } from './dom.js';
import { approx, day, int, xem } from './format.js';
import { S, t } from './state.js';
import { table } from './table.js';
import { amountCol, money, priced, worthCol } from './cells.js';

const HEIGHT = 220;
const LETTERS = 66; // a date
const isService = (i) => accounts[i].kind === 'service' || accounts[i].kind === 'probable_service';

// Days, and records that stand for longer: these are nobody's single day.
function gather() {
	const rows = new Map();
	let timeless = 0;
	for (const x of txs) {
		const taint = taintOf(x, S.run);
		if (taint === 0n) continue;
		if (x.first === null) { timeless++; continue; }
		const from = day(x.first);
		const to = day(x.last);
		const key = `${from} ${to}`;
		let r = rows.get(key);
		if (!r) rows.set(key, (r = { from, to, moved: 0n, services: 0n, count: 0, known: true, worth: 0n, deposited: 0n }));
		r.moved += taint;
		if (isService(x.to)) r.services += taint;
		if (meta.currency) {
			r.worth = priced(r.worth, taint, x.price);
			if (isService(x.to)) r.deposited = priced(r.deposited, taint, x.price);
		}
		r.count += x.count ?? 1;
		r.known = r.known && x.count !== null;
	}
	const list = [...rows.values()].sort((a, b) => (a.from < b.from ? -1 : a.from > b.from ? 1 : a.to < b.to ? -1 : 1));
	return { list, timeless };
}
const number = (d) => Date.parse(`${d}T00:00:00Z`) / 86400000;

function bars(days) {
	const first = number(days[0].from);
	const n = number(days[days.length - 1].from) - first + 1;
	const step = Math.max(3, Math.min(60, 1100 / n));
	const width = Math.min(30000, n * step) + 70;
	const most = Math.max(...days.map((d) => approx(d.moved)));
	const picture = s('svg', { viewBox: `0 0 ${width} ${HEIGHT + 40}`, width, height: HEIGHT + 40, class: 'bars', role: 'img', 'aria-label': t('timeline_hint') });
	const scale = (v) => (most === 0 ? 0 : (approx(v) / most) * HEIGHT);
	picture.append(s('line', { class: 'axis', x1: 60, x2: width, y1: HEIGHT + 10, y2: HEIGHT + 10 }));
	for (const f of [1, 0.5]) picture.append(
		s('line', { class: 'grid', x1: 60, x2: width, y1: 10 + HEIGHT * (1 - f), y2: 10 + HEIGHT * (1 - f) }),
		s('text', { x: 55, y: 14 + HEIGHT * (1 - f), 'text-anchor': 'end' }, short(most * f)));
	let free = -1e9;
	for (const d of days) {
		const k = number(d.from) - first;
		const x = 62 + ((width - 70) / n) * k;
		const w = Math.max(1.5, (width - 70) / n - 1);
		const a = Math.max(1, scale(d.moved));
		const b = scale(d.services);
		picture.append(s('g', null, s('title', null, `${d.from}: ${xem(d.moved)} XEM; ${t('to_services')}: ${xem(d.services)} XEM`,
				meta.currency ? `; ${t('value')}: ${money(d.worth)}; ${t('value_services')}: ${money(d.deposited)}` : ''),
			s('rect', { class: 'moved', x, y: 10 + HEIGHT - a, width: w, height: a }),
			s('rect', { class: 'tosvc', x, y: 10 + HEIGHT - b, width: w, height: b })));
		const left = x > width - 80 ? x + w - LETTERS : x;
		if (left >= free) {
			picture.append(s('text', left === x ? { x, y: HEIGHT + 26 } : { x: x + w, y: HEIGHT + 26, 'text-anchor': 'end' }, d.from));
			free = left + LETTERS + 8;
		}
	}
	return h('div', { class: 'picture scroll', tabindex: '0', role: 'region', 'aria-label': t('timeline') }, picture);
}
function short(v) {
	if (v >= 1e6) return `${Math.round(v / 1e5) / 10} M`;
	if (v >= 1e3) return `${Math.round(v / 100) / 10} k`;
	return String(Number(v.toPrecision(3)));
}
export function timeline() {
	const { list, timeless } = gather();
	const days = list.filter((r) => r.from === r.to);
	const longer = list.length - days.length;
	const columns = [
		{ title: t('day'), get: (r) => r.from }, { title: t('until'), get: (r) => r.to },
		amountCol(t('moved'), (r) => r.moved), amountCol(t('to_services'), (r) => r.services),
		...(meta.currency ? [worthCol(t('value'), (r) => r.worth), worthCol(t('value_services'), (r) => r.deposited)] : []),
		{ title: t('transfers'), num: true, get: (r) => r.count, show: (r) => (r.known ? int(r.count) : `≥ ${int(r.count)}`) },
	];
	return [
		h('p', { class: 'note' }, t('timeline_hint')),
		days.length > 0 ? bars(days) : h('p', { class: 'note' }, t('nothing')),
		longer > 0 ? h('p', { class: 'note' }, t('periods', longer)) : null,
		timeless > 0 ? h('p', { class: 'note' }, t('no_time', int(timeless))) : null,
		meta.currency ? h('p', { class: 'note' }, t('value_hint', meta.currency)) : null,
		h('details', { open: days.length === 0 }, h('summary', null, t('as_table')),
			table(t('timeline'), columns, list, { name: 'timeline', sort: 0, falling: false })),
	];
}
