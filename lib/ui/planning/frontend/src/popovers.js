// What opens over the calendar, in the browser's top layer: the hover card and an item's menu.

import { make, makeIcon } from "./dom.js";

const HOVER_MS = 250;

export class HoverCard {
  box = make("div", { className: "card", popover: "manual" });

  constructor(board) {
    this.board = board;
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  /** Shows the item's card after a moment over `anchor`; no item: hides it. */
  pointAt(id, anchor, delay = HOVER_MS) {
    clearTimeout(this.timer);
    if (id && !this.board.isBusy) this.timer = setTimeout(() => this.show(id, anchor), delay);
    else this.hide();
  }

  show(id, anchor) {
    const { board } = this;
    const item = board.shownItem(id);
    if (!item || board.isBusy || board.menu.isOpen || !anchor.isConnected) return;
    const { labels } = board.data;
    const parts = [make("b", {}, item.title)];
    if (item.start) parts.push(make("div", { className: "when" }, board.wording.when(item, labels.allDay)));
    const rows = (item.card ?? []).flatMap(([label, value]) => [make("dt", {}, label), make("dd", {}, value)]);
    if (rows.length) parts.push(make("dl", {}, ...rows));
    this.box.replaceChildren(...parts);
    this.box.showPopover();
    placeNear(anchor.getBoundingClientRect(), this.box);
  }

  hide() {
    clearTimeout(this.timer);
    if (this.isOpen) this.box.hidePopover();
  }
}

export class ItemMenu {
  box = make("div", { className: "menu", popover: "manual", role: "menu" });

  constructor(board) {
    this.board = board;
    this.box.addEventListener("click", (event) => this.clicked(event));
    this.box.addEventListener("keydown", (event) => this.keyPressed(event));
    this.box.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  get isOpen() {
    return this.box.matches(":popover-open");
  }

  open(id, anchor) {
    const { menu, labels } = this.board.data;
    const choices = (this.board.shownItem(id)?.menu ?? []).filter((choice) => choice in menu);
    this.board.card.hide();
    if (!choices.length) return;
    this.item = id;
    this.box.ariaLabel = labels.menu;
    this.box.replaceChildren(
      ...choices.map((choice) => {
        const [label, icon] = menu[choice];
        const properties = { type: "button", role: "menuitem", tabIndex: -1, dataset: { choice } };
        return make("button", properties, ...(icon ? [makeIcon(icon)] : []), label);
      }),
    );
    this.box.showPopover();
    placeNear(anchor, this.box);
    this.box.firstChild.focus();
  }

  close({ focus = false } = {}) {
    if (!this.isOpen) return;
    this.box.hidePopover();
    if (focus) this.board.elementOf(this.item)?.focus({ preventScroll: true });
  }

  clicked({ target }) {
    const button = target.closest("button");
    if (!button) return;
    this.close({ focus: true });
    this.board.ask({ kind: "menu", id: this.item, choice: button.dataset.choice });
  }

  keyPressed(event) {
    const buttons = [...this.box.children];
    const at = buttons.indexOf(document.activeElement);
    const last = buttons.length - 1;
    const goals = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at <= 0 ? last : at - 1,
      Home: 0,
      End: last,
      Tab: at,
    };
    event.stopPropagation(); // not a key of the calendar below
    if (event.key === "Escape") this.close({ focus: true });
    if (!(event.key in goals)) return;
    event.preventDefault();
    buttons[goals[event.key]].focus();
  }
}

function placeNear(anchor, box) {
  const { width, height } = box.getBoundingClientRect();
  const fitsBelow = anchor.bottom + height + 12 < innerHeight;
  const top = fitsBelow ? anchor.bottom + 4 : Math.min(anchor.top, innerHeight - 8) - height - 4;
  box.style.top = `${Math.max(8, top)}px`;
  box.style.left = `${Math.max(8, Math.min(anchor.left, innerWidth - width - 8))}px`;
}
