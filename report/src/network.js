// The node-link view: columns by hops from the theft, zoomed and moved with d3-zoom.
import { select } from 'd3-selection';
import { zoom, zoomIdentity, zoomTransform } from 'd3-zoom';
import { accounts, groupOf, lineOf, nameOf, runs } from './data.js';
import { h, opens, s } from './dom.js';
import { span, xem } from './format.js';
import { S, t } from './state.js';
import { cut, said, split } from './flow.js';
import { drawnGroup, nodeOf } from './cells.js';
import { openAccount, openEdge } from './detail.js';

const DX = 260;
const DY = 62;
const W = 168;
const H = 40;
const VIEW = 560;

// Columns by the longest way from the beginning, over all edges but those that lead back.
function columns(ahead, ids) {
	const col = new Map(ids.map((i) => [i, 0]));
	const waits = new Map(ids.map((i) => [i, 0]));
	const next = new Map(ids.map((i) => [i, []]));
	for (const e of ahead) {
		next.get(e.from).push(e.to);
		waits.set(e.to, waits.get(e.to) + 1);
	}
	const todo = ids.filter((i) => waits.get(i) === 0);
	for (let k = 0; k < todo.length; k++) {
		for (const n of next.get(todo[k])) {
			col.set(n, Math.max(col.get(n), col.get(todo[k]) + 1));
			waits.set(n, waits.get(n) - 1);
			if (waits.get(n) === 0) todo.push(n);
		}
	}
	return col;
}
function place(edges) {
	const ids = [...new Set(edges.flatMap((e) => [e.from, e.to]))];
	const col = columns(split(edges).ahead, ids);
	const layers = [];
	for (const i of ids) (layers[col.get(i)] ??= []).push(i);
	const lists = layers.filter(Boolean);
	const y = new Map();
	lists.forEach((l) => l.forEach((i, k) => y.set(i, (k - l.length / 2) * DY)));
	const near = new Map(ids.map((i) => [i, []]));
	for (const e of edges) { near.get(e.from).push(e.to); near.get(e.to).push(e.from); }
	for (let round = 0; round < 6; round++) {
		for (const l of round % 2 === 0 ? lists : [...lists].reverse()) {
			const want = new Map(l.map((i) => [i, near.get(i).reduce((a, n) => a + y.get(n), 0) / Math.max(1, near.get(i).length)]));
			l.sort((a, b) => want.get(a) - want.get(b) || a - b);
			l.forEach((i, k) => y.set(i, (k - (l.length - 1) / 2) * DY));
		}
	}
	const at = new Map();
	lists.forEach((l, c) => l.forEach((i) => at.set(i, { x: c * DX, y: y.get(i), c })));
	return at;
}
// Shapes as in the pictures of `xemtrace graph`.
export function shape(kind, w, hh) {
	const a = w / 2;
	const b = hh / 2;
	const box = (k, r) => s('rect', { class: k, x: -a, y: -b, width: w, height: hh, rx: r });
	const poly = (...p) => s('polygon', { class: 'shape', points: p.map(([x, y]) => `${x},${y}`).join(' ') });
	switch (kind) {
	case 'robbed': return [poly([-a, b], [a, b], [a, -b + 10], [0, -b - 6], [-a, -b + 10])];
	case 'service': return [box('shape', 0), s('rect', { class: 'inner', x: -a + 4, y: -b + 4, width: w - 8, height: hh - 8 })];
	case 'probable_service': return [box('shape dashed', 0)];
	case 'theft_arrived': return [poly([-a + 12, -b], [a - 12, -b], [a, -b + 12], [a, b - 12], [a - 12, b], [-a + 12, b], [-a, b - 12], [-a, -b + 12])];
	case 'thief_label': return [poly([-a + 14, -b], [a - 14, -b], [a, 0], [a - 14, b], [-a + 14, b], [-a, 0])];
	case 'party': return [poly([-a, -b], [a - 12, -b], [a, -b + 12], [a, b], [-a, b])];
	case 'labelled': return [box('shape', 9)];
	case 'group': return [poly([-a, -b + 5], [-a, b], [a, b], [a, -b + 5], [-a + 40, -b + 5], [-a + 34, -b - 3], [-a + 6, -b - 3])];
	default: return [s('ellipse', { class: 'shape', cx: 0, cy: 0, rx: a, ry: b })];
	}
}
// Ways back run below everything, each at its own depth.
function way(a, b, low) {
	if (b.c > a.c) {
		const mid = (a.x + W / 2 + b.x - W / 2) / 2;
		return `M${a.x + W / 2},${a.y}C${mid},${a.y} ${mid},${b.y} ${b.x - W / 2 - 2},${b.y}`;
	}
	const x = a.x + W / 2 + 30;
	const z = b.x - W / 2 - 30;
	return `M${a.x + W / 2},${a.y}C${x},${a.y} ${x},${a.y} ${x},${a.y + 20}L${x},${low - 20}Q${x},${low} ${x - 20},${low}` +
		`L${z + 20},${low}Q${z},${low} ${z},${low - 20}L${z},${b.y + 20}C${z},${b.y} ${z},${b.y} ${b.x - W / 2 - 2},${b.y}`;
}
export function network(all) {
	const edges = all.slice(0, S.edges);
	const found = S.find.trim().toLowerCase();
	const matches = (i) => found !== '' && [accounts[i].id, accounts[i].label, accounts[i].category, groupOf(i)?.name ?? '']
		.some((x) => x.toLowerCase().includes(found));
	const hit = (i) => (drawnGroup(i)?.members ?? [i]).some(matches);
	const at = place(edges);
	const inner = s('g');
	const picture = s('svg', { class: 'network', width: '100%', height: VIEW, role: 'group', 'aria-label': t('graph') }, inner);
	const most = edges.length > 0 ? Math.log(Number(edges[0].tainted) + 2) : 1;
	let low = Math.max(0, ...[...at.values()].map((p) => p.y)) + H;
	for (const e of edges) {
		const label = t('edge_label', nodeOf(e.from).name, nodeOf(e.to).name, xem(e.tainted), span(e.first, e.last));
		const returning = at.get(e.to).c <= at.get(e.from).c;
		if (returning) low += 14;
		const d = way(at.get(e.from), at.get(e.to), low);
		inner.append(opens(s('g', { class: `edge ${lineOf(e)}${returning ? ' returning' : ''}` },
			s('path', { class: 'target', d }),
			s('path', { class: 'line', d, 'marker-end': 'url(#arrow)', 'stroke-width': 0.8 + (3.2 * Math.log(Number(e.tainted) + 2)) / most }),
			s('title', null, label)), label, () => openEdge(e)));
	}
	for (const [i, p] of at) {
		const a = nodeOf(i);
		const arrived = (drawnGroup(i)?.members ?? [i]).reduce((sum, m) => sum + runs[S.run].arrived[m], 0n);
		const label = t('node_label', a.name, t(a.kind), xem(arrived));
		inner.append(opens(s('g', { class: `node k-${a.kind}${hit(i) ? ' hit' : ''}`, transform: `translate(${p.x},${p.y})` },
			shape(a.kind, W, H),
			s('text', { y: a.under ? -3 : 4, 'text-anchor': 'middle' }, cut(a.name, 22)),
			a.under ? s('text', { y: 12, class: 'small', 'text-anchor': 'middle' }, a.under) : null,
			s('title', null, `${a.title} ${label}`)), label, a.open));
	}
	const view = zoom().scaleExtent([0.02, 8]).on('zoom', (ev) => inner.setAttribute('transform', ev.transform));
	const sel = select(picture).call(view).on('dblclick.zoom', null);
	const box = () => {
		const xs = [...at.values()];
		const x0 = Math.min(...xs.map((p) => p.x)) - W;
		const x1 = Math.max(...xs.map((p) => p.x)) + W;
		const y0 = Math.min(...xs.map((p) => p.y)) - H;
		return { x0, x1, y0, y1: low + 20 };
	};
	const fit = () => {
		if (at.size === 0) return;
		const width = picture.clientWidth || 1100;
		const { x0, x1, y0, y1 } = box();
		const k = Math.min(width / (x1 - x0), VIEW / (y1 - y0), 1.5);
		sel.call(view.transform, zoomIdentity.translate((width - k * (x0 + x1)) / 2, (VIEW - k * (y0 + y1)) / 2).scale(k));
	};
	// What has the focus is brought into sight.
	picture.addEventListener('focusin', (ev) => {
		const me = ev.target.getBoundingClientRect();
		const all = picture.getBoundingClientRect();
		if (!ev.target.matches(':focus-visible') || (me.left >= all.left && me.right <= all.right && me.top >= all.top && me.bottom <= all.bottom))
			return;
		const { k } = zoomTransform(picture);
		sel.call(view.translateBy, (all.left + all.width / 2 - me.left - me.width / 2) / k, (all.top + all.height / 2 - me.top - me.height / 2) / k);
	});
	// On paper all of it, as large as the page lets it be.
	picture.forPrint = (on) => {
		if (at.size === 0) return;
		const { x0, x1, y0, y1 } = box();
		if (!on) {
			picture.removeAttribute('viewBox');
			picture.setAttribute('height', VIEW);
			fit();
			return;
		}
		inner.removeAttribute('transform');
		picture.setAttribute('viewBox', `${x0} ${y0} ${x1 - x0} ${y1 - y0}`);
		picture.removeAttribute('height');
	};
	picture.setAttribute('data-print', '');
	const hits = found === '' ? [] : accounts.filter((a) => matches(a.i));
	const drawnHits = hits.filter((a) => at.has(a.i) || at.has(drawnGroup(a.i)?.members[0]));
	const node = h('div', null,
		h('div', { class: 'tools' },
			h('button', { type: 'button', onclick: () => sel.call(view.scaleBy, 1.4) }, t('zoom_in')),
			h('button', { type: 'button', onclick: () => sel.call(view.scaleBy, 1 / 1.4) }, t('zoom_out')),
			h('button', { type: 'button', onclick: fit }, t('fit'))),
		found === '' ? null : h('p', { class: 'note', 'aria-live': 'polite' }, t('hits', hits.length, drawnHits.length), ' ',
			hits.slice(0, 12).map((a) => [h('button', { type: 'button', class: 'link', onclick: () => openAccount(a.i) }, nameOf(a.i)), ' '])),
		h('div', { class: 'picture' }, edges.length === 0 ? h('p', { class: 'note' }, t('nothing')) : picture),
		h('p', { class: 'note' }, said(edges, all)));
	requestAnimationFrame(() => {
		fit();
		if (drawnHits.length > 0) {
			const p = at.get(drawnHits[0].i) ?? at.get(drawnGroup(drawnHits[0].i).members[0]);
			sel.call(view.transform, zoomIdentity.translate((picture.clientWidth || 1100) / 2 - p.x, VIEW / 2 - p.y));
		}
	});
	return node;
}
