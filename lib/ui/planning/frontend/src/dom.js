// Makes elements. Strings given as children become text, never markup.

export function make(tag, { dataset, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, dataset);
  node.append(...children);
  return node;
}

/** ":material/call:" in the font that Streamlit brings, or a plain sign; it says nothing to screen readers. */
export function makeIcon(name, className = "") {
  const symbol = /^:material\/(\w+):$/.exec(name)?.[1];
  const classes = `icon ${symbol ? "symbol" : ""} ${className}`;
  return make("span", { className: classes, translate: false, ariaHidden: "true" }, symbol ?? name);
}

/** Words for screen readers only. */
export function makeUnseen(text) {
  return make("span", { className: "unseen" }, text);
}

/** "+ {count} more" with its values. */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

export function isOver(node, { clientX: x, clientY: y }) {
  const { left, right, top, bottom } = node.getBoundingClientRect();
  return !node.hidden && x >= left && x <= right && y >= top && y <= bottom;
}
