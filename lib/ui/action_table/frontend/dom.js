// Makes elements. Strings given as children become text, never markup.

export function make(tag, { dataset, ...properties } = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  Object.assign(node.dataset, dataset);
  node.append(...children);
  return node;
}

/** An icon says nothing to screen readers unless it has a label. */
export function makeIcon(name, { className = "", label = "", title = "" } = {}) {
  const symbol = /^:material\/(\w+):$/.exec(name)?.[1];
  const spoken = label ? { role: "img", ariaLabel: label } : { ariaHidden: "true" };
  const classes = `icon ${symbol ? "symbol" : ""} ${className}`;
  return make("span", { className: classes, translate: false, title, ...spoken }, symbol ?? name);
}

export function makeButton(className, spot, { dataset, ...properties }, ...children) {
  return make("button", { type: "button", className, dataset: { spot, ...dataset }, ...properties }, ...children);
}
