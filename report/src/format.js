import { S, t } from './state.js';

// "1,234.5": exact, without zeros at the end.
export function xem(u) {
	const whole = (u / 1000000n).toString().replace(/\B(?=(\d{3})+$)/g, ',');
	const rest = (u % 1000000n).toString().padStart(6, '0').replace(/0+$/, '');
	return rest === '' ? whole : `${whole}.${rest}`;
}
// To draw with, never to show.
export const approx = (u) => Number(u) / 1e6;
export const int = (n) => n.toString().replace(/\B(?=(\d{3})+$)/g, ',');

// Hundredths of a percent, rounded; what is not nothing and not all never shows as such.
export function percent(part, whole) {
	if (whole === 0n) return '—';
	const p = (part * 20000n / whole + 1n) / 2n;
	if (p === 0n && part > 0n) return '< 0.01 %';
	if (p === 10000n && part < whole) return '> 99.99 %';
	return `${p / 100n}.${(p % 100n).toString().padStart(2, '0')} %`;
}

const made = new Map();
function clock(tz) {
	let f = made.get(tz);
	if (!f) {
		f = new Intl.DateTimeFormat('sv-SE', {
			timeZone: tz, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit',
			minute: '2-digit', second: '2-digit', hourCycle: 'h23',
		});
		made.set(tz, f);
	}
	return f;
}
export const time = (u) => (u === null ? t('unknown') : clock(S.tz).format(new Date(u * 1000)));
// All zones are whole quarters of an hour away from UTC in the years of this chain.
const days = new Map();
export function day(u) {
	const key = `${S.tz} ${Math.floor(u / 900)}`;
	let d = days.get(key);
	if (d === undefined) {
		d = time(u).slice(0, 10);
		days.set(key, d);
	}
	return d;
}
export function span(first, last) {
	if (first === null) return t('unknown');
	const a = day(first);
	const b = day(last);
	return a === b ? a : `${a} – ${b}`;
}
// The first second of a calendar day in the chosen zone, by narrowing down: zones change.
export function dayStart(text) {
	const guess = Date.parse(`${text}T00:00:00Z`) / 1000;
	if (!Number.isFinite(guess)) return null;
	let lo = guess - 16 * 3600;
	let hi = guess + 16 * 3600;
	while (lo < hi) {
		const mid = Math.floor((lo + hi) / 2);
		if (time(mid).slice(0, 10) < text) lo = mid + 1;
		else hi = mid;
	}
	return lo;
}
// A field of a CSV file, harmless in a spreadsheet.
export function csvField(v) {
	let x = v === null || v === undefined ? '' : String(v);
	if (/^[=+\-@'＝＋－＠\t\r]/.test(x)) x = `'${x}`;
	return /[",\n\r]/.test(x) ? `"${x.replace(/"/g, '""')}"` : x;
}
export function download(name, rows) {
	const text = rows.map((r) => r.map(csvField).join(',')).join('\n') + '\n';
	const url = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
	const a = document.createElement('a');
	a.href = url;
	a.download = name;
	a.click();
	setTimeout(() => URL.revokeObjectURL(url), 10000);
}
