// The tray of what is to be planned: a list that one filters and drags from.

import { duration } from "./dates.js";
import { fill, isOver, make } from "./dom.js";
import { itemWords, previewEvent } from "./calendar.js";

const DRAG_STARTS_PX = 5;
const LONG_PRESS_MS = 350; // a finger that moves sooner scrolls the tray
const EDGE_PX = 28;
const EDGE_REST_MS = 300; // at an edge the calendar scrolls only under a pointer that rests, not one that passes
const EDGE_STEP_PX = 9;
const EDGE_TICK_MS = 30;

export class Tray {
  title = make("h4");
  search = make("input", { type: "search", className: "search" });
  list = make("div", { role: "list", className: "list" });
  box = make("aside", { className: "tray" }, this.title, this.search, this.list);
  drag = null;

  constructor(board, signal) {
    this.board = board;
    this.search.addEventListener("input", () => this.filter(), { signal });
    this.list.addEventListener("pointerdown", (event) => this.pressed(event), { signal });
    this.list.addEventListener("pointerover", ({ target }) => {
      const node = target.closest(".tray-item");
      board.card.pointAt(node?.dataset.id, node);
    }, { signal });
    this.list.addEventListener("pointerleave", () => board.card.pointAt(null), { signal });
    // Only a listener that isn't passive may keep a finger from scrolling, and it must be there before the touch.
    this.list.addEventListener("touchmove", (event) => {
      if (this.drag?.isMoving) event.preventDefault();
    }, { signal, passive: false });
  }

  show(items) {
    const { tray, labels } = this.board.data;
    this.box.hidden = tray === null;
    const drawn = JSON.stringify(items);
    if (this.box.hidden || drawn === this.drawn) return;
    this.drawn = drawn;
    this.search.placeholder = this.search.ariaLabel = labels.search;
    this.title.textContent = `${labels.tray} (${items.length})`;
    const isEmpty = make("p", { className: "empty" }, labels.trayEmpty);
    const { scrollTop } = this.list;
    this.list.replaceChildren(...(items.length ? items.map((item) => this.node(item)) : [isEmpty]));
    this.list.scrollTop = scrollTop;
    this.filter();
  }

  node(item) {
    const { board } = this;
    const { labels } = board.data;
    const notes = [duration(item.minutes)];
    if (item.wished) notes.push(fill(labels.wished, { day: board.wording.day(item.wished) }));
    const className = ["tray-item", `tone-${item.tone}`, ...(item.looks ?? [])].join(" ");
    const properties = { className, role: "listitem", tabIndex: 0, dataset: { id: item.id }, title: item.title };
    const line = make("span", { className: "line" }, ...itemWords(board, item));
    return make("div", properties, line, make("small", {}, notes.join(" · ")));
  }

  filter() {
    const words = folded(this.search.value).split(/\s+/).filter(Boolean);
    const nodes = [...this.list.querySelectorAll(".tray-item")];
    for (const node of nodes) {
      const item = this.board.shownItem(node.dataset.id);
      const text = folded([item?.title, ...(item?.card ?? []).map(([, value]) => value)].join(" "));
      node.hidden = !words.every((word) => text.includes(word));
    }
    this.list.querySelector(".nothing")?.remove();
    if (nodes.length && nodes.every(({ hidden }) => hidden))
      this.list.append(make("p", { className: "empty nothing" }, this.board.data.labels.nothingFound));
  }

  nodeOf(id) {
    return this.list.querySelector(`[data-id="${CSS.escape(id)}"]`);
  }

  pressed(event) {
    const node = event.target.closest(".tray-item");
    if (!node || event.button || this.drag || event.target.closest(".dots")) return;
    const item = this.board.shownItem(node.dataset.id);
    if (!item) return;
    node.focus({ preventScroll: true });
    this.drag = new TrayDrag(this.board, item, event, () => (this.drag = null));
  }

  giveUp() {
    this.drag?.end();
  }
}

// Without accents and capitals, as one types.
const folded = (text) => text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();

// The calendar has no drag from outside: it tells which slot lies under the pointer, and an event of ours shows there.
class TrayDrag {
  isMoving = false;
  slot = null;
  life = new AbortController();

  constructor(board, item, event, onEnd) {
    Object.assign(this, { board, item, onEnd, pointer: event.pointerId, from: event });
    this.canMove = item.isMovable !== false && !board.data.readOnly;
    const first = { signal: this.life.signal, capture: true };
    window.addEventListener("pointermove", (move) => this.moved(move), first);
    window.addEventListener("pointerup", (up) => up.pointerId === this.pointer && this.dropped(), first);
    window.addEventListener("pointercancel", () => this.end(), first);
    window.addEventListener("keydown", (key) => this.escapePressed(key), first);
    this.isTouch = event.pointerType !== "mouse";
    if (this.isTouch) this.press = setTimeout(() => this.start(event), LONG_PRESS_MS);
    else event.preventDefault(); // no selection of text
  }

  start(event) {
    if (!this.canMove) return this.end();
    this.isMoving = true;
    this.board.dragStarted();
    this.ghost = make("div", { className: `ghost tray-item tone-${this.item.tone}` }, this.item.title);
    this.board.root.append(this.ghost);
    this.ticks = setInterval(() => this.scrollAtEdge(), EDGE_TICK_MS);
    this.follow(event);
  }

  moved(event) {
    if (event.pointerId !== this.pointer) return;
    const hasLeft = Math.hypot(event.clientX - this.from.clientX, event.clientY - this.from.clientY) >= DRAG_STARTS_PX;
    if (!this.isMoving && hasLeft && this.isTouch) return this.end(); // it scrolls
    if (!this.isMoving && hasLeft) this.start(event);
    if (!this.isMoving) return;
    event.preventDefault();
    this.follow(event);
  }

  follow(event) {
    const { board, item } = this;
    this.ghost.style.transform = `translate(${event.clientX + 10}px, ${event.clientY + 8}px)`;
    this.noteEdge(event);
    const slot = board.slotAt(event);
    if (JSON.stringify(slot) === JSON.stringify(this.slot)) return;
    this.slot = slot;
    if (slot) board.calendar.updateEvent(previewEvent(item, slot)) || board.calendar.addEvent(previewEvent(item, slot));
    else board.calendar.removeEventById("preview");
  }

  dropped() {
    const { board, item, slot, isMoving } = this;
    this.end();
    if (slot) board.ask({ kind: "plan", id: item.id, minutes: item.minutes, ...slot });
    else if (!isMoving) board.ask({ kind: "open", id: item.id });
  }

  escapePressed(event) {
    if (event.key !== "Escape") return;
    event.stopImmediatePropagation();
    this.end();
  }

  end() {
    this.life.abort();
    clearTimeout(this.press);
    clearInterval(this.ticks);
    this.ghost?.remove();
    if (this.isMoving) {
      this.board.calendar.removeEventById("preview");
      this.board.dragStopped();
    }
    this.onEnd();
  }

  noteEdge(event) {
    const main = this.board.calendarBox.querySelector(".ec-main");
    const { left, right, top, bottom } = main.getBoundingClientRect();
    const near = (at, low, high) => (at > high - EDGE_PX ? 1 : at < low + EDGE_PX ? -1 : 0);
    const isInside = isOver(this.board.calendarBox, event);
    const x = isInside ? near(event.clientX, left, right) : 0;
    const y = isInside ? near(event.clientY, top, bottom) : 0;
    if (this.edge?.x !== x || this.edge?.y !== y) this.edge = { x, y, main, since: Date.now() };
  }

  scrollAtEdge() {
    const { edge } = this;
    if (!edge || Date.now() - edge.since < EDGE_REST_MS) return;
    edge.main.scrollBy(edge.x * EDGE_STEP_PX, edge.y * EDGE_STEP_PX);
  }
}
