// Elements without markup: text from the chain only ever becomes text nodes.
const SVG = 'http://www.w3.org/2000/svg';

function fill(e, attrs, kids) {
	for (const [k, v] of Object.entries(attrs ?? {})) {
		if (v === undefined || v === null || v === false) continue;
		if (k.startsWith('on')) e.addEventListener(k.slice(2), v);
		else if (k === 'value' || k === 'checked' || k === 'selected') e[k] = v;
		else e.setAttribute(k, v === true ? '' : v);
	}
	for (const kid of kids.flat(Infinity)) {
		if (kid === null || kid === undefined || kid === false) continue;
		e.append(kid instanceof Node ? kid : document.createTextNode(String(kid)));
	}
	return e;
}
export const h = (tag, attrs, ...kids) => fill(document.createElement(tag), attrs, kids);
export const s = (tag, attrs, ...kids) =>
	fill(document.createElementNS(SVG, tag), attrs, kids);

// Something that opens when it is clicked, or has the focus and Enter or Space is pressed.
export function opens(e, label, open) {
	e.setAttribute('tabindex', '0');
	e.setAttribute('role', 'button');
	e.setAttribute('aria-label', label);
	e.addEventListener('click', open);
	e.addEventListener('keydown', (ev) => {
		if (ev.key === 'Enter' || ev.key === ' ') {
			ev.preventDefault();
			open();
		}
	});
	return e;
}
