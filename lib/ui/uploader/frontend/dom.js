// Makes elements. Strings given as children become text, never markup.

export function make(tag, properties = {}, ...children) {
  const node = Object.assign(document.createElement(tag), properties);
  node.append(...children);
  return node;
}

/** A Material symbol, which says nothing to screen readers: the words beside it, or the button's name, do. */
export function makeIcon(name) {
  return make("span", { className: "symbol", ariaHidden: "true", translate: false }, name);
}

export function makeButton(icon, label, onclick, { isQuiet = false } = {}) {
  const words = isQuiet ? [] : [make("span", {}, label)];
  const name = isQuiet ? { ariaLabel: label, title: label } : {};
  return make("button", { type: "button", className: isQuiet ? "quiet" : "", onclick, ...name }, makeIcon(icon), ...words);
}

/** "{name} is here" with {name: "Ann"} gives "Ann is here". */
export function fill(text, values) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}
