// The data that the program put into the page, with names. Amounts are BigInt micro-XEM:
// sums of flows pass what a number holds exactly.
const raw = JSON.parse(document.getElementById('data').textContent);
const big = (v) => BigInt(v);

export const meta = {
	title: raw.title, version: raw.version, lang: raw.lang, tz: raw.tz, height: raw.height,
	main: raw.main, all: raw.transfers, thefts: raw.thefts, facts: raw.facts,
	warnings: raw.warnings,
};
export const accounts = raw.accounts.map((a, i) => ({
	i, id: a[0], label: a[1], category: a[2], confidence: a[3], source: a[4], kind: a[5],
	state: a[6], depth: a[7], received: big(a[8]), sent: big(a[9]), assumed: big(a[10]),
}));
export const memos = raw.memos.map((m) => ({ kind: m[0], text: m[1], sender: m[2] }));
// By enum graph_time_kind.
const TIMES = ['', 'block', 'signer', 'published'];
export const txs = raw.tx.map((t, i) => ({
	i, from: t[0], to: t[1], amount: big(t[2]), first: t[3], last: t[4], count: t[5],
	memo: t[6], basis: raw.provenances[t[7]], timeKind: TIMES[t[8]], height: t[9], ref: t[10],
	taint: t.slice(11).map(big),
}));
const row = (r) => ({
	tainted: big(r[1]), unsure: big(r[2]), amount: big(r[3]), count: r[4], first: r[5],
	last: r[6], basis: r[7].map(big),
});
export const runs = raw.runs.map((r, i) => ({
	i, policy: r.policy, conserves: r.conserves, seeded: big(r.seeded),
	atServices: big(r.at_services), fees: big(r.fees), cleaned: big(r.cleaned),
	heldComplete: big(r.held_complete), heldIncomplete: big(r.held_incomplete),
	heldUnread: big(r.held_unread), through: big(r.through_incomplete),
	arrived: r.arrived.map(big), held: r.held.map(big), unsure: r.unsure.map(big),
	services: r.services.map((s) => ({
		account: s[0], ...row(s),
		memos: s[8].map((m) => ({ memo: m[0], service: s[0], ...row(m) })),
	})),
}));
// Weakest first: what an edge is drawn as.
const weak = ['inferred', 'aggregate', 'reported', 'published', 'exempt', 'signed'];

// Transfers from one account to another, taken together. want: {run, min, from, to}; a
// transfer without a time is outside any dates.
export function edgesOf(want) {
	const by = new Map();
	for (const t of txs) {
		const taint = t.taint[want.run];
		if (taint === 0n || t.from === null) continue;
		if ((want.from !== null || want.to !== null) && t.first === null) continue;
		if (want.from !== null && t.last < want.from) continue;
		if (want.to !== null && t.first > want.to) continue;
		const key = t.from * accounts.length + t.to;
		let e = by.get(key);
		if (!e) {
			e = { from: t.from, to: t.to, tainted: 0n, amount: 0n, count: 0, known: true,
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
	events: p[7], refs: p[8], members: p[9], named: p[10],
})) ?? null;
export const notJudged = raw.not_judged ?? 0;
export const allPatterns = raw.all_patterns ?? 0;
