// A dialog with an account or an edge and all its transfers.
import { accounts, bounds, groupOf, nameOf, runs, stops, taintOf, txs } from './data.js';
import { h } from './dom.js';
import { int, time, xem } from './format.js';
import { S, said, t } from './state.js';
import { table } from './table.js';
import { addressCell, amountCol, between, groupCol, link, memoText, nodeOf, stopKind, stateOf, timeCol } from './cells.js';

let dialog;
function show(title, ...kids) {
	if (!dialog) {
		dialog = h('dialog', { class: 'detail' });
		dialog.addEventListener('click', (e) => { if (e.target === dialog) dialog.close(); });
		document.body.append(dialog);
	}
	dialog.setAttribute('aria-label', title);
	dialog.replaceChildren(h('div', { class: 'inner' },
		h('div', { class: 'bar' }, h('h2', null, title),
			h('button', { type: 'button', class: 'close', autofocus: true, onclick: () => dialog.close() }, t('close'))),
		kids));
	if (!dialog.open) dialog.showModal();
	dialog.scrollTop = 0;
}
const timeKind = (k) => (k === '' ? t('unknown') : t(k === 'published' ? 'published_time' : k));

function transfers(caption, list, name, self) {
	const columns = [timeCol(t('time'), (x) => x.first)];
	if (list.some((x) => x.first !== x.last)) columns.push(timeCol(t('until'), (x) => x.last));
	columns.push({ title: t('time_kind'), get: (x) => timeKind(x.timeKind) });
	if (self !== undefined) {
		columns.push({ title: t('kind'), get: (x) => t(x.to === self ? 'in' : 'out') });
		columns.push({ title: t('other'), get: (x) => nameOf(x.to === self ? x.from : x.to),
			show: (x) => link(x.to === self ? x.from : x.to),
			csv: (x) => accounts[x.to === self ? x.from : x.to]?.id ?? '' });
	}
	columns.push(
		amountCol(t('tainted'), (x) => taintOf(x, S.run)), amountCol(t('total'), (x) => x.amount),
		{ title: t('transfers'), num: true, get: (x) => x.count, show: (x) => (x.count === null ? t('unknown') : int(x.count)) },
		{ title: t('memo'), wide: true, get: (x) => memoText(x.memo) },
		{ title: t('basis'), get: (x) => t(x.basis) },
		{ title: t('ref'), wide: true, get: (x) => x.ref, show: (x) => h('span', { class: 'mono' }, x.ref || '—') });
	return table(caption, columns, list, { name, sort: self !== undefined ? 5 - (columns.length < 11 ? 1 : 0) : 0, falling: self !== undefined });
}
function facts(list) {
	return h('dl', { class: 'facts' }, list.map(([k, v]) => [h('dt', null, k), h('dd', null, v)]));
}
export function openAccount(i) {
	const a = accounts[i];
	const r = runs[S.run];
	show(a.label || a.id,
		facts([
			[t('address'), addressCell(i)],
			[t('label'), a.label || '—'],
			[t('kind'), t(a.kind)],
			[t('category'), a.category || '—'],
			[t('confidence'), a.confidence === null ? '—' : `${a.confidence} / 100`],
			[t('source'), a.source || '—'],
			[t('state'), stateOf(a)],
			...(stops.has(i) ? [[t('why_open'), `${stopKind(i)} (${stops.get(i).reason})`]] : []),
			...(groupOf(i) ? [[t('group'), groupCol().show(a)]] : []),
			[t('arrived'), `${xem(r.arrived[i])} XEM`],
			[t('held'), `${xem(r.held[i])} XEM`],
			[t('unsure'), `${xem(r.unsure[i])} XEM`],
			...(bounds ? [[t('bounds'), between(i)]] : []),
			[t('received'), `${xem(a.received)} XEM`],
			[t('sent'), `${xem(a.sent)} XEM`],
			...(a.assumed > 0n ? [[t('assumed'), `${xem(a.assumed)} XEM`]] : []),
		]),
		transfers(t('transfers'), txs.filter((x) => (x.from === i || x.to === i) && taintOf(x, S.run) > 0n),
			`transfers-${a.id}`, i));
}
const GROUNDS = { given: 1, actor: 1, cosignatories: 1, sweep: 1 };
export function openGroup(g) {
	const r = runs[S.run];
	const sum = (v) => g.members.reduce((a, m) => a + v[m], 0n);
	show(said(g.name),
		facts([
			[t('wallets'), int(g.members.length)],
			[t('confidence'), g.confidence === null ? '—' : `${g.confidence} / 100`],
			[t('held'), `${xem(sum(r.held))} XEM`],
			...(bounds ? [[t('bounds'), t('between_wide', xem(g.members.reduce((a, m) => a + bounds[m].low, 0n)), xem(g.members.reduce((a, m) => a + bounds[m].high, 0n)))]] : []),
		]),
		h('p', { class: 'note' }, t('group_hint')),
		table(t('group_reasons'), [
			{ title: t('address'), get: (x) => accounts[x.account].id, show: (x) => addressCell(x.account) },
			{ title: t('label'), get: (x) => accounts[x.account].label || null },
			{ title: t('ground'), get: (x) => (GROUNDS[x.ground] ? t(`ground_${x.ground}`) : x.ground) },
			{ title: t('reason'), wide: true, get: (x) => said(x.reason) },
			amountCol(t('arrived'), (x) => r.arrived[x.account]), amountCol(t('held'), (x) => r.held[x.account]),
		], g.ties, { name: `group-${g.i}` }));
}
export function openEdge(e) {
	show(t('edge', nodeOf(e.from).name, nodeOf(e.to).name),
		facts([
			[t('address'), [addressCell(e.from), ' → ', addressCell(e.to)]],
			[t('tainted'), `${xem(e.tainted)} XEM`],
			[t('total'), `${xem(e.amount)} XEM`],
			[t('transfers'), e.known ? int(e.count) : `≥ ${int(e.count)}`],
			[t('first'), time(e.first)],
			[t('last'), time(e.last)],
		]),
		transfers(t('transfers'), e.txs.map((i) => txs[i]), `transfers-${accounts[e.from].id}-${accounts[e.to].id}`));
}
