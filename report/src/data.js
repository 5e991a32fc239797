// The data that the program put into the page, with names. Amounts are BigInt micro-XEM:
// sums of flows pass what a number holds exactly.
const raw = JSON.parse(document.getElementById('data').textContent);
const big = (v) => BigInt(v);

export const meta = {
	title: raw.title, version: raw.version, lang: raw.lang, tz: raw.tz, height: raw.height,
	main: raw.main, all: raw.transfers, facts: raw.facts, warnings: raw.warnings,
	format: raw.format_version, currency: raw.currency,
};
// What each policy counts as stolen: thefts can overlap under poison.
export const thefts = raw.thefts.map((x) => ({ name: x[0], seeded: x.slice(1).map(big) }));
export const seeds = raw.seeds.map((x) => ({
	theft: thefts[x[0]].name, kind: x[1], ref: x[2], account: x[3], from: x[4], to: x[5],
	height: x[6], amount: x[7] === null ? null : big(x[7]),
}));
// Short forms of the program: as under the policy before; as much as the whole.
const SAME = -1;
const ALL = -2;
const part = (v, whole) => (v === ALL ? whole : big(v));

export const accounts = raw.accounts.map((a, i) => ({
	i, id: a[0], kind: raw.kinds[a[1]], state: raw.states[a[2]], depth: a[3],
	received: big(a[4]), sent: big(a[5]), assumed: big(a[6]),
	label: a[7] ?? '', category: a[8] ?? '', confidence: a[9] ?? null, source: a[10] ?? '',
}));
export const memos = raw.memos.map((m) => ({ kind: m[0], text: m[1], sender: m[2] }));
// By enum graph_time_kind.
const TIMES = ['', 'block', 'signer', 'published'];
let clock = 0;
export const txs = raw.tx.map((t, i) => {
	const first = t[3] === null ? null : (clock += t[3]);
	return {
		i, from: t[0], to: t[1], amount: big(t[2]), first, last: first === null ? null : first + t[4],
		count: t[5], memo: t[6], basis: raw.provenances[t[7] >> 2], timeKind: TIMES[t[7] & 3],
		height: t[8], ref: t[9], taint: t.slice(10),
	};
});
// What a XEM was worth when it moved, in 10^-8 of the currency; null: not known.
(raw.prices ?? []).forEach((p, k, all) => {
	for (let i = p[0]; i < (all[k + 1]?.[0] ?? txs.length); i++) txs[i].price = p[1] === null ? null : big(p[1]);
});
// What one policy says moved of the theft; made when asked for: nobody looks at all of them.
export function taintOf(x, run) {
	let k = Math.min(run, x.taint.length - 1);
	while (x.taint[k] === SAME) k--;
	return part(x.taint[k], x.amount);
}
const only = (k, v) => [0, 1, 2, 3, 4, 5].map((i) => (i === k ? v : 0n));
function row(r) {
	const tainted = big(r[1]);
	return {
		tainted, unsure: big(r[2]), amount: part(r[3], tainted), count: r[4], first: r[5],
		last: r[5] === null ? r[6] : r[5] + r[6],
		basis: typeof r[7] === 'number' ? only(r[7], tainted) : r[7].map(big),
	};
}
export const runs = [];
for (const r of raw.runs) {
	const before = runs[runs.length - 1];
	const l = r.located.map(big);
	const figure = (key) => raw.accounts.map((_, i) => (r[key][i] === SAME ? before[key][i] : big(r[key][i])));
	const old = new Map((before?.services ?? []).map((s) => [s.account, new Map(s.memos.map((m) => [m.memo, m]))]));
	runs.push({
		i: runs.length, policy: r.policy, conserves: r.conserves, seeded: big(r.seeded),
		atServices: big(r.at_services), fees: big(r.fees), cleaned: big(r.cleaned),
		heldComplete: big(r.held_complete), heldIncomplete: big(r.held_incomplete),
		heldUnread: big(r.held_unread), through: big(r.through_incomplete),
		located: { stolen: l[0], services: l[1], complete: l[2], stops: l[3], incomplete: l[4], unread: l[5], refunded: l[6] },
		behind: figure('behind'),
		arrived: figure('arrived'), held: figure('held'), unsure: figure('unsure'),
		services: r.services.map((s) => ({
			account: s[0], ...row(s), value: s[9] ?? null,
			memos: s[8].map((m) => (typeof m === 'number' ? old.get(s[0]).get(m)
				: { memo: m[0], service: s[0], ...row(m), value: m[8] ?? null })),
		})),
	});
}
// Wallets that are taken for one party's, with the reasons; why accounts are not complete.
export const groups = raw.groups.map((x, i) => ({
	i, name: x[0], confidence: x[1], service: x[2], members: x[3],
	ties: x[4].map((y) => ({ account: y[0], ground: y[1], reason: y[2] })),
}));
const groupAt = new Map(groups.flatMap((x) => x.members.map((m) => [m, x])));
export const groupOf = (i) => groupAt.get(i) ?? null;
export const stops = new Map(raw.stops.map((x) => [x[0], { kind: x[1], reason: x[2] }]));
// The account that stands for a group when groups are folded.
const headOf = (i) => groupAt.get(i)?.members[0] ?? i;

// The least and the most that any policy that conserves gives; null: not known.
const inexact = new Set(raw.inexact);
export const bounds = raw.low ? raw.low.map((v, i) => {
	const low = v === SAME ? runs[raw.main].held[i] : big(v);
	return { low, high: raw.high[i] === SAME ? low : big(raw.high[i]), exact: !inexact.has(i) };
}) : null;
// Weakest first: what an edge is drawn as.
const weak = ['inferred', 'aggregate', 'reported', 'published', 'exempt', 'signed'];

// Transfers from one account to another, taken together. want: {run, min, from, to, fold}; a
// transfer without a time is outside any dates. fold: wallets of a group are one; what they
// paid each other is no flow.
export function edgesOf(want) {
	const by = new Map();
	for (const t of txs) {
		const taint = taintOf(t, want.run);
		if (taint === 0n || t.from === null) continue;
		if ((want.from !== null || want.to !== null) && t.first === null) continue;
		if (want.from !== null && t.last < want.from) continue;
		if (want.to !== null && t.first > want.to) continue;
		const from = want.fold ? headOf(t.from) : t.from;
		const to = want.fold ? headOf(t.to) : t.to;
		if (want.fold && from === to && t.from !== t.to) continue;
		const key = from * accounts.length + to;
		let e = by.get(key);
		if (!e) {
			e = { from, to, tainted: 0n, amount: 0n, count: 0, known: true,
				first: null, last: null, weak: 9, txs: [] };
			by.set(key, e);
		}
		e.tainted += taint;
		e.amount += t.amount;
		e.count += t.count ?? 1;
		e.known = e.known && t.count !== null;
		if (t.first !== null) {
			if (e.first === null || t.first < e.first) e.first = t.first;
			if (e.last === null || t.last > e.last) e.last = t.last;
		}
		e.weak = Math.min(e.weak, weak.indexOf(t.basis));
		e.txs.push(t.i);
	}
	const all = [...by.values()].filter((e) => e.tainted >= want.min);
	all.sort((a, b) => (a.tainted < b.tainted ? 1 : a.tainted > b.tainted ? -1
		: a.from - b.from || a.to - b.to));
	return all;
}
// "single", "aggregate", "inferred": as in the other pictures.
export const lineOf = (e) => (e.weak === 0 ? 'inferred' : e.weak === 1 ? 'aggregate' : 'single');
export const nameOf = (i) => (i === null ? '—' : accounts[i].label || short(accounts[i].id));
export const short = (id) =>
	id.startsWith('@') || id.length < 16 ? id : `${id.slice(0, 6)}…${id.slice(-5)}`;
// null: not looked for. Counts are of all, names of the first.
export const patterns = raw.patterns?.map((p) => ({
	name: p[0], account: p[1], other: p[2], amount: big(p[3]), blocks: p[4], first: p[5], last: p[6],
	events: p[7], refs: p[8].map((x) => (typeof x === 'number' ? txs[x].ref : x)), members: p[9], named: p[10],
})) ?? null;
export const notJudged = raw.not_judged ?? 0;
export const allPatterns = raw.all_patterns ?? 0;
