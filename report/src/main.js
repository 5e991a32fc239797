import { accounts, allPatterns, bounds, edgesOf, groups, memos, meta, nameOf, notJudged, patterns, runs, seeds, stops, thefts, txs } from './data.js';
import { h, s } from './dom.js';
import { dayStart, int, percent, time, xem } from './format.js';
import { S, said, t } from './state.js';
import { words } from './i18n.js';
import { table } from './table.js';
import { addressCell, amountCol, boundCols, groupCol, link, memoText, nodeOf, stateOf, stopKind, timeCol, valueCols } from './cells.js';
import { sankeyView } from './flow.js';
import { network, shape } from './network.js';
import { timeline } from './timeline.js';

const PARTS = [['at_services', 'atServices'], ['held_complete', 'heldComplete'], ['held_incomplete', 'heldIncomplete'],
	['held_unread', 'heldUnread'], ['fees', 'fees'], ['cleaned', 'cleaned']];
const BASIS = ['signed', 'published', 'aggregate', 'inferred', 'exempt', 'reported'];
const KINDS = ['robbed', 'theft_arrived', 'thief_label', 'service', 'probable_service', 'party', 'group', 'labelled', 'account'];

function choice(label, id, value, options, change) {
	return h('label', null, label, ' ', h('select', { id, onchange: (e) => { change(e.target.value); } },
		options.map(([v, text]) => h('option', { value: v, selected: v === String(value) }, text))));
}
function zones() {
	const local = Intl.DateTimeFormat().resolvedOptions().timeZone;
	const first = ['UTC', 'Asia/Tokyo', meta.tz, local];
	const all = Intl.supportedValuesOf ? Intl.supportedValuesOf('timeZone') : [];
	return [...new Set([...first, ...all])].map((z) => [z, z]);
}
const title = () => meta.title || t('title_default');
const policyName = (name) => words[S.lang][`policy_${name}`] ?? name;
// Sentences of the program, by their stable code; the numbers in them are taken over.
function warning([code, text]) {
	const numbers = text.match(/\d[\d,]*(\.\d+)?/g) ?? [];
	const mine = words[S.lang];
	const own = S.lang === 'en' ? null : mine[`warning_${code}_${numbers.length}`] ?? mine[`warning_${code}`];
	if (!own) return h('li', { lang: 'en' }, text);
	return h('li', null, own.replace(/\{(\d)\}/g, (_, n) => numbers[n] ?? t('unknown')));
}
function head() {
	return h('header', null,
		h('a', { class: 'skip', href: '#summary' }, t('skip')),
		h('h1', null, title()),
		h('p', { class: 'sub' }, `xemtrace ${meta.version}`, meta.height > 0 ? ` · ${t('height', int(meta.height))}` : '',
			thefts.length > 0 ? ` · ${thefts.map((x) => x.name).join(', ')}` : ''),
		h('div', { class: 'tools controls' },
			choice(t('policy'), 'policy', S.run, runs.map((r) => [String(r.i), policyName(r.policy)]), (v) => { S.run = Number(v); draw('policy'); }),
			choice(t('zone'), 'tz', S.tz, zones(), (v) => { S.tz = v; draw('tz'); }),
			choice(t('language'), 'lang', S.lang, [['en', 'English'], ['ja', '日本語']], (v) => { S.lang = v; draw('lang'); }),
			choice(t('theme'), 'theme', S.theme, [['auto', t('auto')], ['light', t('light')], ['dark', t('dark')]], (v) => {
				S.theme = v;
				document.documentElement.dataset.theme = v;
			}),
			h('button', { type: 'button', id: 'print', onclick: () => window.print() }, t('print'))),
		h('nav', { 'aria-label': t('contents') }, h('ul', null,
			['summary', 'flow', 'graph', 'timeline', 'deposits', ...(patterns ? ['patterns'] : []), 'accounts', 'open', 'method', 'evidence'].map((k) =>
				h('li', null, h('a', { href: `#${k}` }, t(k)))))));
}
const section = (key, ...kids) => h('section', { id: key, 'aria-labelledby': `${key}-h` },
	h('h2', { id: `${key}-h`, tabindex: '-1' }, t(key)), kids);

// Whom it was taken from, where it arrived, when it first and last moved.
function theft() {
	const robbed = accounts.filter((a) => a.kind === 'robbed');
	const arrived = accounts.filter((a) => a.kind === 'theft_arrived');
	const times = seeds.flatMap((x) => (x.kind === 'window' ? [x.from, x.to] : txs.filter((y) => x.ref !== null && y.ref === x.ref).flatMap((y) => [y.first, y.last])))
		.filter((x) => x !== null);
	const list = (all) => [all.slice(0, 12).map((a, i) => [i > 0 ? ', ' : '', link(a.i)]), all.length > 12 ? ` … (${int(all.length)})` : ''];
	const span = times.length > 0 ? [Math.min(...times), Math.max(...times)] : null;
	return [h('dl', { class: 'facts' },
		robbed.length > 0 ? [h('dt', null, t('robbed_from')), h('dd', null, list(robbed))] : null,
		arrived.length > 0 ? [h('dt', null, t('arrived_at')), h('dd', null, list(arrived))] : null,
		span ? [h('dt', null, t('stolen_when')), h('dd', null, span[0] === span[1] ? time(span[0]) : `${time(span[0])} – ${time(span[1])}`)] : null),
	thefts.length > 1 ? h('table', { class: 'plain' }, h('caption', null, t('per_theft')),
		h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('theft')), h('th', { scope: 'col', class: 'num' }, t('amount')))),
		h('tbody', null, thefts.map((x) => h('tr', null, h('th', { scope: 'row' }, x.name), h('td', { class: 'num' }, xem(x.seeded[S.run])))))) : null];
}
function allPolicies() {
	const v = runs.filter((r) => r.conserves).map((r) => r.atServices);
	const low = v.reduce((a, b) => (b < a ? b : a));
	const high = v.reduce((a, b) => (b > a ? b : a));
	return h('p', null, low === high ? t('any_policy', xem(low)) : t('any_policy_range', xem(low), xem(high)), ' ',
		bounds ? t('bounds_hint') : '');
}
function summary() {
	const r = runs[S.run];
	const basis = BASIS.map((k, i) => [k, r.services.reduce((a, x) => a + x.basis[i], 0n)]).filter(([, v]) => v > 0n);
	const parts = PARTS.filter(([k, f]) => r[f] > 0n || k === 'at_services');
	return section('summary',
		h('p', { class: 'big' }, h('span', null, t('stolen')), ' ', h('strong', null, `${xem(r.seeded)} XEM`)),
		theft(),
		h('table', { class: 'plain' }, h('caption', null, t('where', policyName(r.policy))),
			h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('part')), h('th', { scope: 'col', class: 'num' }, t('amount')),
				h('th', { scope: 'col', class: 'num' }, t('share')), h('td'))),
			h('tbody', null, parts.map(([k, f]) => h('tr', null, h('th', { scope: 'row' }, t(k)), h('td', { class: 'num' }, xem(r[f])),
				h('td', { class: 'num' }, percent(r[f], r.seeded)),
				h('td', { class: 'share' }, s('svg', { viewBox: '0 0 200 12', width: 200, height: 12, 'aria-hidden': 'true' },
					s('rect', { class: 'track', x: 0, y: 1, width: 200, height: 10 }),
					s('rect', { class: `p-${k}`, x: 0, y: 1, width: r.seeded === 0n ? 0 : Math.min(200, Number((r[f] * 20000n) / r.seeded) / 100), height: 10 }))))))),
		h('p', { class: 'note' }, t(r.conserves ? 'adds' : 'overlap')),
		h('h3', null, t('certain')),
		h('p', null, r.through > 0n ? t('certain_some', xem(r.through)) : t('certain_all')),
		runs.some((r) => r.conserves) ? allPolicies() : null,
		basis.length > 0 ? h('p', null, t('stands', basis.map(([k, v]) => `${t(k)} ${xem(v)} XEM`).join(', '))) : null,
		runs.length > 1 ? h('details', null, h('summary', null, t('each_policy')), table(t('each_policy'), [
			{ title: t('policy'), get: (x) => policyName(x.policy) },
			...PARTS.map(([k, f]) => amountCol(t(k), (x) => x[f])),
		], runs, { name: 'policies', search: false })) : null,
		meta.warnings.length > 0 ? [h('h3', null, t('warnings')), h('ul', null, meta.warnings.map(warning))] : null);
}
const shownEdges = () => {
	const min = /^\d{1,10}(\.\d{1,6})?$/.exec(S.min.trim());
	const [whole, rest = ''] = (min ? min[0] : '0').split('.');
	const to = S.to === '' ? null : dayStart(nextDay(S.to));
	return edgesOf({
		run: S.run,
		fold: S.fold,
		min: BigInt(whole) * 1000000n + BigInt(rest.padEnd(6, '0')),
		from: S.from === '' ? null : dayStart(S.from),
		to: to === null ? null : to - 1,
	});
};
function nextDay(text) {
	return new Date(Date.parse(`${text}T00:00:00Z`) + 86400000).toISOString().slice(0, 10);
}
function partial() {
	return meta.all > txs.length ? h('p', { class: 'note important' }, t('all_tx', int(txs.length), int(meta.all))) : null;
}
function flow(edges) {
	return section('flow', h('p', { class: 'note' }, t('flow_hint')), partial(), sankeyView(edges));
}
function legend(edges) {
	const kinds = new Set(edges.slice(0, S.edges).flatMap((e) => [nodeOf(e.from).kind, nodeOf(e.to).kind]));
	return h('ul', { class: 'legend', 'aria-label': t('legend') },
		KINDS.filter((k) => kinds.has(k)).map((k) => h('li', null,
			s('svg', { viewBox: '-24 -16 48 32', width: 42, height: 26, class: 'network-key', 'aria-hidden': 'true' },
				s('g', { class: `node k-${k}` }, shape(k, 42, 20))), ' ', t(k))),
		[['single', 'single'], ['aggregate', 'line_aggregate'], ['inferred', 'line_inferred']].map(([c, k]) => h('li', null,
			s('svg', { viewBox: '0 0 42 12', width: 42, height: 12, 'aria-hidden': 'true' },
				s('g', { class: `edge ${c}` }, s('path', { class: 'line', d: 'M0,6L42,6', 'stroke-width': 2.4 }))), ' ', t(k))));
}
function graph(edges) {
	const bad = S.min.trim() !== '' && !/^\d{1,10}(\.\d{1,6})?$/.test(S.min.trim());
	const field = (key, type) => h('label', null, t(key), ' ', h('input', {
		id: `g-${key}`, type, value: S[key], placeholder: key === 'find' ? t('find_hint') : null,
		inputmode: key === 'min' ? 'decimal' : null, 'aria-invalid': key === 'min' && bad ? 'true' : null }));
	const form = h('form', { class: 'tools', id: 'filters', onsubmit: (e) => {
		e.preventDefault();
		for (const k of ['min', 'from', 'to', 'find']) S[k] = document.getElementById(`g-${k}`).value;
		S.edges = Number(document.getElementById('g-most').value);
		S.fold = document.getElementById('g-fold')?.checked ?? false;
		drawFlows('g-apply');
	} },
	h('label', null, t('most'), ' ', h('select', { id: 'g-most' }, [20, 60, 150, 400].map((n) =>
		h('option', { value: String(n), selected: n === S.edges }, String(n))))),
	groups.length > 0 ? h('label', null, h('input', { id: 'g-fold', type: 'checkbox', checked: S.fold }), ' ', t('fold', groups.length)) : null,
	field('min', 'text'), field('from', 'date'), field('to', 'date'), field('find', 'search'),
	h('button', { type: 'submit', id: 'g-apply' }, t('apply')),
	h('button', { type: 'button', id: 'g-reset', onclick: () => {
		Object.assign(S, { edges: 60, min: '', from: '', to: '', find: '', fold: false });
		drawFlows('g-reset');
	} }, t('reset')));
	return section('graph', h('p', { class: 'note' }, t('graph_hint')), form,
		bad ? h('p', { class: 'error', role: 'alert' }, t('bad_amount')) : null, network(edges), legend(edges));
}
function deposits() {
	const r = runs[S.run];
	const common = [
		amountCol(t('tainted'), (x) => x.tainted), ...valueCols(), amountCol(t('unsure'), (x) => x.unsure), amountCol(t('total'), (x) => x.amount),
		{ title: t('transfers'), num: true, get: (x) => x.count, show: (x) => (x.count === null ? t('unknown') : int(x.count)) },
		timeCol(t('first'), (x) => x.first), timeCol(t('last'), (x) => x.last),
		{ title: t('basis'), wide: true, get: (x) => BASIS.map((k, i) => (x.basis[i] > 0n ? t(k) : null)).filter(Boolean).join(', ') },
	];
	const service = (get) => [
		{ title: t('service_col'), get: (x) => nameOf(get(x)), show: (x) => link(get(x)), csv: (x) => nameOf(get(x)) },
		{ title: t('confidence'), num: true, get: (x) => accounts[get(x)].confidence, show: (x) => accounts[get(x)].confidence ?? '—' },
	];
	return section('deposits', h('p', { class: 'note' }, t('deposits_hint')),
		table(t('per_service'), [...service((x) => x.account),
			{ title: t('address'), get: (x) => accounts[x.account].id, show: (x) => addressCell(x.account) }, ...common.slice(0, 1), ...boundCols((x) => x.account), ...common.slice(1)],
		r.services, { name: 'services', sort: 3, head: 0 }), bounds ? h('p', { class: 'note' }, t('bounds_hint')) : null,
		table(t('per_memo'), [...service((x) => x.service),
			{ title: t('memo'), wide: true, get: (x) => memoText(x.memo) },
			{ title: t('kind'), get: (x) => t(memos[x.memo].kind) }, ...common],
		r.services.flatMap((x) => x.memos), { name: 'memos', sort: 4, head: 0 }));
}
const accountColumns = () => {
	const r = runs[S.run];
	return [
		{ title: t('label'), get: (a) => a.label || null, show: (a) => (a.label ? link(a.i) : '—') },
		{ title: t('address'), get: (a) => a.id, show: (a) => addressCell(a.i) },
		{ title: t('kind'), get: (a) => t(a.kind) },
		{ title: t('category'), get: (a) => a.category || null, show: (a) => a.category || '—' },
		{ title: t('state'), get: (a) => stateOf(a) },
		...(groups.length > 0 ? [groupCol()] : []),
		amountCol(t('arrived'), (a) => r.arrived[a.i]), amountCol(t('held'), (a) => r.held[a.i]),
		amountCol(t('unsure'), (a) => r.unsure[a.i]), ...boundCols((a) => a.i), amountCol(t('received'), (a) => a.received), amountCol(t('sent'), (a) => a.sent),
	];
};
// The column of a figure: tables open sorted by it.
const place = (columns, title) => columns.findIndex((c) => c.title === title);
function accountsTable() {
	const r = runs[S.run];
	const columns = accountColumns();
	return section('accounts', table(t('accounts'), columns,
		accounts.filter((a) => r.arrived[a.i] > 0n || r.held[a.i] > 0n || a.kind === 'robbed'), { name: 'accounts', sort: place(columns, t('arrived')), head: 1 }),
	groups.length > 0 ? [h('p', { class: 'note' }, t('group_hint')), table(t('groups'), [
		{ title: t('group'), get: (x) => said(x.name), show: (x) => groupCol().show({ i: x.members[0] }) },
		{ title: t('wallets'), num: true, get: (x) => x.members.length, show: (x) => int(x.members.length) },
		{ title: t('ground'), get: (x) => [...new Set(x.ties.map((y) => t(`ground_${y.ground}`)))].join(', ') },
		{ title: t('confidence'), num: true, get: (x) => x.confidence, show: (x) => x.confidence ?? '—' },
		amountCol(t('held'), (x) => x.members.reduce((sum, m) => sum + r.held[m], 0n)),
		{ title: t('members'), wide: true, get: (x) => x.members.length, show: (x) => some(x.members.slice(0, 6), x.members.length, (i) => link(i)), csv: (x) => x.members.map((i) => accounts[i].id).join(' ') },
	], groups, { name: 'groups', sort: 4, head: 0 })] : null);
}
function coverage() {
	const l = runs[S.run].located;
	const parts = [['at_services', l.services], ['l_complete', l.complete], ['l_stops', l.stops], ['l_incomplete', l.incomplete]];
	return h('table', { class: 'plain' }, h('caption', null, t('coverage', policyName(runs[S.run].policy))),
		h('thead', null, h('tr', null, h('th', { scope: 'col' }, t('part')), h('th', { scope: 'col', class: 'num' }, t('amount')), h('th', { scope: 'col', class: 'num' }, t('share')))),
		h('tbody', null, parts.map(([k, v]) => h('tr', null, h('th', { scope: 'row' }, t(k)), h('td', { class: 'num' }, xem(v)), h('td', { class: 'num' }, percent(v, l.stolen))))));
}
function open() {
	const r = runs[S.run];
	const ends = (a) => a.kind === 'service' || a.kind === 'probable_service';
	const columns = accountColumns();
	const why = [...columns, { title: t('why_open'), wide: true, get: (a) => stopKind(a.i), show: (a) => stopKind(a.i) ?? '—' },
		amountCol(t('behind'), (a) => r.behind[a.i]), { title: t('reason'), wide: true, get: (a) => stops.get(a.i)?.reason ?? null, show: (a) => stops.get(a.i)?.reason ?? '—' },
		amountCol(t('assumed'), (a) => a.assumed)];
	return section('open', h('p', { class: 'note' }, t('open_hint')), coverage(), h('p', { class: 'note' }, t(r.conserves ? 'coverage_hint' : 'overlap')),
		table(t('open_held'), columns, accounts.filter((a) => r.held[a.i] > 0n && !ends(a)), { name: 'open-ends', sort: place(columns, t('held')), head: 1 }),
		table(t('open_incomplete'), why,
			accounts.filter((a) => a.kind !== 'service' && (a.state !== 'complete' || a.assumed > 0n || stops.has(a.i)) && (r.arrived[a.i] > 0n || r.held[a.i] > 0n || r.behind[a.i] > 0n)),
			{ name: 'incomplete', sort: place(why, t('behind')), head: 1 }));
}
const some = (list, all, show) => [list.map((x, i) => [i > 0 ? ', ' : '', show(x)]), all > list.length ? ` … (${int(all)})` : ''];
function patternTable() {
	return section('patterns', h('p', { class: 'note' }, t('patterns_hint', policyName(runs[meta.main].policy))),
		allPatterns > patterns.length ? h('p', { class: 'note important' }, t('some_patterns', int(patterns.length), int(allPatterns))) : null,
		notJudged > 0 ? h('p', { class: 'note' }, t('not_judged', int(notJudged))) : null,
		h('dl', { class: 'facts' }, [...new Set(patterns.map((p) => p.name))].map((k) => [h('dt', null, t(k)), h('dd', null, t(`${k}_text`))])),
		table(t('patterns'), [
			{ title: t('pattern'), get: (p) => t(p.name) },
			{ title: t('address'), get: (p) => nameOf(p.account), show: (p) => link(p.account), csv: (p) => accounts[p.account].id },
			{ title: t('other'), get: (p) => nameOf(p.other), show: (p) => link(p.other), csv: (p) => (p.other === null ? '' : accounts[p.other].id) },
			amountCol(t('amount'), (p) => p.amount),
			{ title: t('blocks'), num: true, get: (p) => p.blocks, show: (p) => (p.blocks === null ? '—' : int(p.blocks)) },
			timeCol(t('first'), (p) => p.first), timeCol(t('last'), (p) => p.last),
			{ title: t('members'), wide: true, get: (p) => p.members, show: (p) => some(p.named, p.members, (i) => link(i)), csv: (p) => p.named.map((i) => accounts[i].id).join(' ') },
			{ title: t('ref'), wide: true, get: (p) => p.events, show: (p) => h('span', { class: 'mono' }, some(p.refs.slice(0, 3), p.events, (x) => x)), csv: (p) => p.refs.join(' ') },
		], patterns, { name: 'patterns' }));
}
function method() {
	return section('method', h('ul', null, words[S.lang].method_text.map((x) => h('li', null, x))));
}
const SAID = { carry: 1, absorb: 1, yes: 1, no: 1 };
function evidence() {
	const list = [[t('program'), `xemtrace ${meta.version}`], [t('format'), String(meta.format)], [t('main_policy'), policyName(runs[meta.main].policy)],
		...meta.facts.map(([k, v]) => [t(k), SAID[v] ? t(v) : /^\d+$/.test(v) && v.length < 13 ? int(v) : v])];
	return section('evidence', h('p', { class: 'note' }, t('evidence_hint')),
		h('dl', { class: 'facts' }, list.map(([k, v]) => [h('dt', null, k), h('dd', { class: 'mono' }, v)])),
		h('p', { class: 'note' }, t('check_hint')),
		table(t('seeds_table'), [
			{ title: t('theft'), get: (x) => x.theft },
			{ title: t('kind'), get: (x) => t(`seed_${x.kind}`) },
			{ title: t('account'), get: (x) => (x.account === null ? null : nameOf(x.account)), show: (x) => link(x.account), csv: (x) => (x.account === null ? '' : accounts[x.account].id) },
			{ title: t('ref'), wide: true, get: (x) => x.ref, show: (x) => h('span', { class: 'mono' }, x.ref || '—') },
			{ title: t('seed_from'), get: (x) => x.from, show: (x) => bound(x, x.from) },
			{ title: t('seed_to'), get: (x) => x.to, show: (x) => bound(x, x.to) },
			{ title: t('seed_height'), num: true, get: (x) => x.height, show: (x) => (x.height === null ? '—' : int(x.height)) },
			{ title: t('amount'), num: true, get: (x) => x.amount, show: (x) => (x.amount !== null ? xem(x.amount) : x.kind === 'balance' ? t('all_of_it') : '—'), csv: (x) => (x.amount === null ? '' : xem(x.amount).replace(/,/g, '')) },
		], seeds, { name: 'seeds', search: false }));
}
const bound = (x, v) => (v === null ? '—' : x.kind === 'heights' ? int(v) : time(v));
// Arrow heads, once for all pictures.
const defs = s('svg', { width: 0, height: 0, class: 'defs', 'aria-hidden': 'true' }, s('defs', null,
	s('marker', { id: 'arrow', viewBox: '0 0 10 10', refX: 9, refY: 5, markerWidth: 9, markerHeight: 9, markerUnits: 'userSpaceOnUse', orient: 'auto-start-reverse' },
		s('path', { d: 'M0,0L10,5L0,10z', class: 'arrow' })),
	s('pattern', { id: 'hatch', width: 5, height: 5, patternUnits: 'userSpaceOnUse', patternTransform: 'rotate(45)' },
		s('rect', { width: 5, height: 5, class: 'hatch-a' }), s('rect', { width: 2, height: 5, class: 'hatch-b' }))));

function drawFlows(focus) {
	const edges = shownEdges();
	document.getElementById('flow').replaceWith(flow(edges));
	document.getElementById('graph').replaceWith(graph(edges));
	document.getElementById(focus)?.focus();
}
function draw(focus) {
	const y = window.scrollY;
	const edges = shownEdges();
	document.documentElement.lang = S.lang;
	document.title = `${title()} – xemtrace`;
	document.getElementById('app').replaceChildren(defs, head(), h('main', null, summary(), flow(edges), graph(edges),
		h('section', { id: 'timeline', 'aria-labelledby': 'timeline-h' }, h('h2', { id: 'timeline-h' }, t('timeline')), timeline()),
		deposits(), patterns ? patternTable() : null, accountsTable(), open(), method(), evidence()));
	if (focus) {
		document.getElementById(focus)?.focus();
		window.scrollTo(0, y);
	}
}
const printing = (on) => document.querySelectorAll('[data-table], [data-print]').forEach((x) => x.forPrint(on));
window.addEventListener('beforeprint', () => {
	printing(true);
	document.querySelectorAll('main details').forEach((d) => { d.open = true; });
});
window.addEventListener('afterprint', () => printing(false));
document.documentElement.dataset.theme = S.theme;
draw();
document.documentElement.dataset.ready = 'yes';
performance.mark('ready');
