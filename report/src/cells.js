// Cells that several tables have.
import { accounts, bounds, memos, nameOf } from './data.js';
import { h } from './dom.js';
import { time, xem } from './format.js';
import { t } from './state.js';
import { openAccount } from './detail.js';

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
