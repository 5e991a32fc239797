// A table that sorts, searches, turns pages, and saves what it shows as CSV.
import { h } from './dom.js';
import { download, int } from './format.js';
import { t } from './state.js';

const PAGE = 25;
const PRINTED = 400;

function compare(a, b) {
	if (a === b) return 0;
	if (a === null || a === undefined) return 1;
	if (b === null || b === undefined) return -1;
	return a < b ? -1 : a > b ? 1 : 0;
}

// columns: {title, get, show, csv, num, wide}; get: for order and CSV; show: text or
// element. options: {name, search, sort, falling}.
export function table(caption, columns, rows, options = {}) {
	let page = 0;
	let size = PAGE;
	let column = options.sort ?? null;
	let falling = options.falling ?? true;
	let needle = '';
	let shown = rows;
	const body = h('tbody');
	const where = h('span', { class: 'where', 'aria-live': 'polite' });
	const prev = h('button', { type: 'button', onclick: () => { page--; draw(); } }, t('prev'));
	const next = h('button', { type: 'button', onclick: () => { page++; draw(); } }, t('next'));
	const heads = columns.map((c, i) => h('th', { scope: 'col', class: c.num ? 'num' : null },
		h('button', { type: 'button', title: t('sort', c.title), onclick: () => {
			falling = column === i ? !falling : Boolean(c.num);
			column = i;
			page = 0;
			draw();
		} }, c.title, h('span', { class: 'dir', 'aria-hidden': 'true' }))));

	function select() {
		shown = needle === '' ? rows.slice() : rows.filter((r) => columns.some((c) =>
			String(c.text ? c.text(r) : c.get(r) ?? '').toLowerCase().includes(needle)));
		if (column !== null) {
			const get = columns[column].get;
			const sign = falling ? -1 : 1;
			shown = shown.map((r, i) => [get(r), i, r]).sort((a, b) => {
				if (a[0] === null || b[0] === null || a[0] === undefined || b[0] === undefined)
					return compare(a[0], b[0]) || a[1] - b[1];
				return sign * compare(a[0], b[0]) || a[1] - b[1];
			}).map((x) => x[2]);
		}
	}
	function draw() {
		select();
		const pages = Math.max(1, Math.ceil(shown.length / size));
		page = Math.min(Math.max(page, 0), pages - 1);
		const part = shown.slice(page * size, (page + 1) * size);
		body.replaceChildren(...part.map((r) => h('tr', null, columns.map((c, i) =>
			h(i === (options.head ?? -1) ? 'th' : 'td', {
				class: [c.num ? 'num' : '', c.wide ? 'wide' : '', c.time ? 'time' : ''].join(' ').trim() || null,
				scope: i === (options.head ?? -1) ? 'row' : null,
			}, c.show ? c.show(r) : c.get(r))))));
		if (part.length === 0)
			body.append(h('tr', null, h('td', { colspan: columns.length }, t('empty'))));
		where.textContent = part.length === 0 ? '' :
			t('rows', int(page * size + 1), int(page * size + part.length), int(shown.length));
		prev.disabled = page === 0;
		next.disabled = page >= pages - 1;
		heads.forEach((th, i) => {
			th.setAttribute('aria-sort', i !== column ? 'none' : falling ? 'descending' : 'ascending');
			th.querySelector('.dir').textContent = i !== column ? '' : falling ? ' ▼' : ' ▲';
		});
	}
	const tools = h('div', { class: 'tools' },
		options.search === false ? null : h('label', null, t('search'), ' ', h('input', {
			type: 'search', oninput: (e) => { needle = e.target.value.trim().toLowerCase(); page = 0; draw(); },
		})),
		h('button', { type: 'button', class: 'save', onclick: () => download(`${options.name ?? 'table'}.csv`,
			[columns.map((c) => c.title), ...shown.map((r) => columns.map((c) => (c.csv ?? c.get)(r)))]) }, t('csv')),
		h('span', { class: 'turn' }, prev, where, next));
	const box = h('div', { class: 'table-box', role: 'region', 'aria-label': caption, tabindex: '0' },
		h('table', null, h('caption', null, caption), h('thead', null, h('tr', null, heads)), body));
	const whole = h('div', { class: 'table' }, tools, box);
	whole.forPrint = (on) => { size = on ? PRINTED : PAGE; page = 0; draw(); };
	whole.setAttribute('data-table', '');
	draw();
	return whole;
}
