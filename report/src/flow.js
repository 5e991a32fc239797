// The Sankey-like picture. The layout needs a graph without rounds: the largest flows come
// first, and one that would close a round is drawn below as a way back.
import { sankey } from 'd3-sankey';
import { accounts, lineOf } from './data.js';
import { h, opens, s } from './dom.js';
import { approx, span, xem } from './format.js';
import { t } from './state.js';
import { nodeOf } from './cells.js';
import { openEdge } from './detail.js';

const MOST = 40;
const WIDTH = 1180;
// Room for the names of the last column: every name stands right of its bar.
const MARGIN = 190;
const LETTER = 6.6;

function reaches(next, from, to) {
	const seen = new Set([from]);
	const todo = [from];
	while (todo.length > 0) {
		const at = todo.pop();
		if (at === to) return true;
		for (const n of next.get(at) ?? []) if (!seen.has(n)) { seen.add(n); todo.push(n); }
	}
	return false;
}
// A flow to an account nearer to the theft is a way back if it closes a round.
export function split(edges) {
	const next = new Map();
	const ahead = [];
	const back = [];
	const rank = (i) => accounts[i].depth ?? 1e9;
	const forward = edges.filter((e) => rank(e.to) > rank(e.from) || accounts[e.from].kind === 'robbed');
	const others = edges.filter((e) => !forward.includes(e));
	for (const e of [...forward, ...others]) {
		if (e.from === e.to || reaches(next, e.to, e.from)) {
			back.push(e);
			continue;
		}
		if (!next.has(e.from)) next.set(e.from, []);
		next.get(e.from).push(e.to);
		ahead.push(e);
	}
	return { ahead, back };
}
// Ends stand on the right. So does, before those it pays, an account of which no drawn flow
// tells where it had the money from: on the left it would look like a theft.
function column(n, columns) {
	if (n.sourceLinks.length === 0) return columns - 1;
	if (n.targetLinks.length > 0 || ['robbed', 'theft_arrived'].includes(accounts[n.id].kind)) return n.depth;
	return Math.max(0, Math.min(...n.sourceLinks.map((l) => (l.target.sourceLinks.length === 0 ? columns - 1 : l.target.depth))) - 1);
}
export function sankeyView(all) {
	const edges = all.slice(0, MOST);
	if (edges.length === 0) return h('p', { class: 'note' }, t('nothing'));
	const { ahead, back } = split(edges);
	const ids = [...new Set(edges.flatMap((e) => [e.from, e.to]))];
	const height = Math.max(360, Math.min(1300, ids.length * 42));
	const top = 14;
	const g = sankey().nodeId((n) => n.id).nodeWidth(12).nodePadding(Math.min(34, (height - 24) / ids.length)).nodeAlign(column)
		.extent([[8, top], [WIDTH - MARGIN, height - 16]])({
			nodes: ids.map((id) => ({ id })),
			links: ahead.map((e) => ({ source: e.from, target: e.to, value: Math.max(approx(e.tainted), 1e-6), e })),
		});
	const starts = [...new Set(g.nodes.map((n) => n.x0))].sort((a, b) => a - b);
	const last = starts[starts.length - 1];
	const gap = Math.min(WIDTH, ...starts.slice(1).map((x, i) => x - starts[i])) - 22;
	const at = new Map(g.nodes.map((n) => [n.id, n]));
	const deep = height + 26 + back.length * 16;
	const picture = s('svg', { viewBox: `0 0 ${WIDTH} ${deep}`, class: 'sankey', role: 'group', 'aria-label': t('flow') });
	const label = (e) => t('edge_label', nodeOf(e.from).name, nodeOf(e.to).name, xem(e.tainted), span(e.first, e.last));
	for (const l of g.links) {
		const mid = (l.source.x1 + l.target.x0) / 2;
		const half = Math.max(0.6, l.width / 2);
		// An area, not a broad line: a line's edges leave the band where it is steep.
		const edge = (d, there) => (there ? `C${mid},${l.y0 + d} ${mid},${l.y1 + d} ${l.target.x0},${l.y1 + d}`
			: `C${mid},${l.y1 + d} ${mid},${l.y0 + d} ${l.source.x1},${l.y0 + d}`);
		picture.append(opens(s('path', {
			class: `link ${lineOf(l.e)}`,
			d: `M${l.source.x1},${l.y0 - half}${edge(-half, true)}L${l.target.x0},${l.y1 + half}${edge(half, false)}Z`,
		}, s('title', null, label(l.e))), label(l.e), () => openEdge(l.e)));
		// The kind of line must be seen without colour, also on a broad band.
		if (lineOf(l.e) !== 'single') picture.append(s('path', {
			class: `core ${lineOf(l.e)}`, d: `M${l.source.x1},${l.y0}${edge(0, true)}`,
		}));
	}
	back.forEach((e, k) => {
		const a = at.get(e.from);
		const b = at.get(e.to);
		const y = height + 16 + k * 16;
		picture.append(opens(s('path', {
			class: 'back', 'marker-end': 'url(#arrow)', 'stroke-width': 2,
			d: `M${a.x1},${(a.y0 + a.y1) / 2}C${a.x1 + 60},${y} ${a.x1 + 20},${y} ${(a.x1 + b.x0) / 2},${y}S${b.x0 - 60},${y} ${b.x0 - 2},${(b.y0 + b.y1) / 2}`,
		}, s('title', null, label(e))), label(e), () => openEdge(e)));
	});
	for (const n of g.nodes) {
		const a = nodeOf(n.id);
		const room = Math.max(8, Math.floor((n.x0 >= last ? MARGIN - 24 : gap) / LETTER));
		const y = (n.y0 + n.y1) / 2;
		const x = n.x1 + 6;
		const tall = n.y1 - n.y0 >= 44;
		const line = (dy, text, kind) => s('text', { x, y: y + dy, class: kind ? 'kind' : null }, cut(text, kind ? Math.floor(room * 1.15) : room));
		const e = s('g', { class: `node k-${a.kind}` },
			s('rect', { x: n.x0, y: n.y0, width: n.x1 - n.x0, height: Math.max(2, n.y1 - n.y0) }),
			s('title', null, `${a.title} ${a.name}, ${t(a.kind)}`),
			tall && a.under ? [line(-12, a.name), line(1, a.under), line(13, t(a.kind), true)]
				: [line(-1, a.name), line(11, t(a.kind), true)]);
		picture.append(opens(e, `${a.name}, ${t(a.kind)}`, a.open));
	}
	return h('div', null, h('div', { class: 'picture' }, picture),
		back.length === 0 ? null : h('details', { class: 'returns' }, h('summary', null, t('returns', back.length)),
			h('ul', null, back.map((e) => h('li', null,
				h('button', { type: 'button', class: 'link', onclick: () => openEdge(e) }, label(e)))))),
		h('p', { class: 'note' }, said(edges, all)));
}
export function cut(text, n = 26) {
	const chars = [...text];
	return chars.length > n ? `${chars.slice(0, n - 1).join('')}…` : text;
}
export function said(edges, all) {
	if (edges.length === all.length) return t('shown_all', all.length);
	const rest = all.slice(edges.length).reduce((sum, e) => sum + e.tainted, 0n);
	return t('shown', edges.length, all.length, xem(rest));
}
