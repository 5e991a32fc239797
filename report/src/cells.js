// Cells that several tables have.
import { accounts, bounds, groupOf, memos, meta, nameOf, short, stops } from './data.js';
import { h } from './dom.js';
import { time, xem } from './format.js';
import { S, said, t } from './state.js';
import { openAccount, openGroup } from './detail.js';

export const stateOf = (a) => t(a.state === 'service' ? 'state_service' : a.state);
export const memoText = (i) => {
	const m = memos[i];
	if (m.kind === 'none') return t('no_memo');
	if (m.kind === 'encrypted') return `${t('encrypted')}: ${t('encrypted_by', nameOf(m.sender))}`;
	return m.text;
};
export const link = (i, text) => (i === null ? '—' :
	h('button', { type: 'button', class: 'link', onclick: () => openAccount(i) }, text ?? nameOf(i)));

function copyButton(text) {
	const b = h('button', { type: 'button', class: 'copy', 'aria-label': `${t('copy')}: ${text}` }, t('copy'));
	b.addEventListener('click', async () => {
		try {
			await navigator.clipboard.writeText(text);
		} catch {
			const area = h('textarea', { value: text });
			document.body.append(area);
			area.select();
			document.execCommand('copy');
			area.remove();
		}
		b.textContent = t('copied');
		setTimeout(() => { b.textContent = t('copy'); }, 1500);
	});
	return b;
}
export const addressCell = (i) => h('span', { class: 'address' },
	h('button', { type: 'button', class: 'link mono', onclick: () => openAccount(i) }, accounts[i].id),
	copyButton(accounts[i].id));
export const amountCol = (title, get) => ({ title, num: true, get, show: (r) => xem(get(r)), csv: (r) => xem(get(r)).replace(/,/g, ''), text: (r) => xem(get(r)) });
export const timeCol = (title, get) => ({ title, get, time: true, show: (r) => time(get(r)), csv: (r) => (get(r) === null ? '' : new Date(get(r) * 1000).toISOString().replace('.000', '')), text: (r) => time(get(r)) });
// Exact ends; whether some policy reaches them is said with them.
export const between = (i) => {
	const b = bounds[i];
	return b.low === b.high ? `${xem(b.low)} XEM` : t(b.exact ? 'between' : 'between_wide', xem(b.low), xem(b.high));
};
export const boundCols = (get) => (bounds ? [
	amountCol(t('least'), (x) => bounds[get(x)].low), amountCol(t('most_any'), (x) => bounds[get(x)].high),
] : []);
// A node of a picture: a group where groups are folded, else an account.
export const drawnGroup = (i) => (S.fold ? groupOf(i) : null);
export function nodeOf(i) {
	const g = drawnGroup(i);
	const a = accounts[i];
	if (!g) return { name: nameOf(i), under: a.label ? short(a.id) : '', kind: a.kind, title: a.id, open: () => openAccount(i) };
	const kinds = g.members.map((m) => accounts[m].kind);
	const kind = ['robbed', 'service', 'probable_service', 'theft_arrived'].find((k) => kinds.includes(k)) ?? 'group';
	return { name: said(g.name), under: t('wallets_of', g.members.length), kind, title: g.members.map((m) => accounts[m].id).join(' '), open: () => openGroup(g) };
}
export const valueCols = () => (meta.currency ? [{ title: `${t('value')} (${meta.currency})`, num: true,
	get: (x) => (x.value === null ? null : BigInt(x.value.replace('.', ''))), show: (x) => (x.value === null ? t('unknown') : x.value.replace(/\B(?=(\d{3})+\.)/g, ',')),
	csv: (x) => x.value ?? '' }] : []);
// Sums of amounts at the price of their own day, in 10^-14 of the currency; null where a price
// is not known. Shown as the program does: hundredths, rounded down.
export const priced = (sum, uxem, price) => (sum === null || price === null ? null : sum + uxem * price);
const hundredths = (v) => `${v / 100000000000000n}.${(v / 1000000000000n % 100n).toString().padStart(2, '0')}`;
export const money = (v) => (v === null ? t('unknown') : `${hundredths(v).replace(/\B(?=(\d{3})+\.)/g, ',')} ${meta.currency}`);
export const worthCol = (title, get) => ({ title: `${title} (${meta.currency})`, num: true, get,
	show: (r) => (get(r) === null ? t('unknown') : hundredths(get(r)).replace(/\B(?=(\d{3})+\.)/g, ',')),
	csv: (r) => (get(r) === null ? '' : hundredths(get(r))) });
export const groupCol = () => ({ title: t('group'), get: (a) => (groupOf(a.i) ? said(groupOf(a.i).name) : null),
	show: (a) => (groupOf(a.i) ? h('button', { type: 'button', class: 'link', onclick: () => openGroup(groupOf(a.i)) }, said(groupOf(a.i).name)) : '—') });
export const stopKind = (i) => {
	const s = stops.get(i);
	return s ? (s.kind === '' ? t('not_adding_up') : t(`stop_${s.kind.replace(/ /g, '_')}`)) : null;
};
