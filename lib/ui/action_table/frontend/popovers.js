// What opens over the table, in the browser's top layer: never clipped, above dialogs.

import { make, makeButton, makeIcon } from "./dom.js";

const hoverDelayMs = 250;

export class HoverCard {
  box = make("div", { className: "card", popover: "manual", ariaLive: "polite" });
  cell = null; // the one whose card is shown
  contents = new WeakMap(); // cell -> { card, html }

  constructor(signal) {
    this.box.addEventListener("pointerenter", () => clearTimeout(this.timer), { signal });
    this.box.addEventListener("pointerleave", () => this.pointAt(null), { signal });
  }

  pointAt(cell) {
    clearTimeout(this.timer);
    if (cell !== this.cell) this.timer = setTimeout(() => (cell ? this.show(cell) : this.hide()), hoverDelayMs);
  }

  show(cell) {
    clearTimeout(this.timer);
    const { card, html } = this.contents.get(cell);
    if (html) this.box.innerHTML = html; // Python sends html only for SafeHtml
    else this.box.textContent = card;
    this.cell = cell;
    this.box.showPopover();
    this.box.scrollTop = 0;
    this.follow();
  }

  hide() {
    clearTimeout(this.timer);
    this.cell = null;
    this.box.hidePopover();
  }

  follow() {
    if (this.cell) placeNear(this.cell.getBoundingClientRect(), this.box);
  }
}

export class RowMenu {
  box = make("div", { className: "menu", popover: "auto", role: "menu" });

  constructor(signal, onChoice, onClose) {
    this.onChoice = onChoice;
    this.onClose = onClose;
    this.box.addEventListener("click", (event) => this.clicked(event), { signal });
    this.box.addEventListener("keydown", (event) => this.keyPressed(event), { signal });
    this.box.addEventListener("contextmenu", (event) => event.preventDefault(), { signal });
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  open(row, choices, label, anchor) {
    this.row = row;
    this.box.ariaLabel = label;
    const item = ([choice, text, icon]) =>
      makeButton("", "", { role: "menuitem", tabIndex: -1, dataset: { choice } }, makeIcon(icon), text);
    this.box.replaceChildren(...choices.map(item));
    this.box.showPopover();
    placeNear(anchor, this.box);
    this.box.firstChild.focus();
  }

  close() {
    this.box.hidePopover();
    this.onClose(this.row);
  }

  clicked({ target }) {
    const item = target.closest("button");
    if (!item) return;
    this.close();
    this.onChoice({ row: this.row, choice: item.dataset.choice });
  }

  keyPressed(event) {
    const items = [...this.box.children], at = items.indexOf(event.target), last = items.length - 1;
    const next = at === last ? 0 : at + 1, previous = at === 0 ? last : at - 1;
    const goals = { ArrowDown: next, ArrowUp: previous, Home: 0, End: last, Tab: at };
    if (!(event.key in goals)) return;
    event.preventDefault();
    items[goals[event.key]].focus();
  }
}

function placeNear(anchor, box) {
  const { width, height } = box.getBoundingClientRect();
  const fitsBelow = anchor.bottom + height + 12 < innerHeight;
  const top = fitsBelow ? anchor.bottom + 4 : Math.min(anchor.top, innerHeight - 8) - height - 4;
  box.style.top = `${Math.max(8, top)}px`;
  box.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
}
