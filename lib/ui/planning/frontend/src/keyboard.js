// Everything by keyboard: arrows go from item to item, with Shift they move it, with Ctrl and Shift they resize it.

import { DAY_MIN, plusMinutes } from "./dates.js";
import { hasDayCells } from "./calendar.js";

const TYPING_MS = 500; // several presses become one move, sent so long after the last one
const CARD_MS = 400;
const SIDEWAYS_COSTS = 3; // an item straight ahead is nearer than one aside

export class Keyboard {
  constructor(board, signal) {
    this.board = board;
    const { root } = board;
    root.addEventListener("keydown", (event) => this.pressed(event), { signal });
    root.addEventListener("focusin", ({ target }) => this.focused(target), { signal });
    root.addEventListener("focusout", ({ target, relatedTarget }) => this.left(target, relatedTarget), { signal });
    // Before everybody: Escape must not also close the dialog around the planning.
    window.addEventListener("keydown", (event) => this.escapePressed(event), { signal, capture: true });
  }

  get items() {
    return [...this.board.calendarBox.querySelectorAll(".ec-event[role=button]")];
  }

  pressed(event) {
    const { board } = this;
    const { target, key, shiftKey, ctrlKey, altKey } = event;
    const id = board.idAt(target);
    if (!id || target.matches("input") || altKey) return; // Alt and an arrow are the browser's
    const isArrow = key.startsWith("Arrow");
    const isInCalendar = target.matches(".ec-event");
    if (key === "ContextMenu" || (key === "F10" && shiftKey)) board.menu.open(id, target.getBoundingClientRect());
    else if (key === "Enter" && !isInCalendar) board.ask({ kind: "open", id });
    else if (isArrow && shiftKey) this.move(id, key.slice(5), ctrlKey);
    else if (isArrow && !ctrlKey && isInCalendar) this.goToNext(target, key.slice(5));
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  escapePressed(event) {
    const { card, menu } = this.board;
    if (event.key !== "Escape" || !(card.isOpen || menu.isOpen)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    card.hide();
    menu.close({ focus: true });
  }

  focused(target) {
    const id = this.board.idAt(target);
    if (!id) return;
    if (target.matches(".ec-event")) {
      this.lastId = id;
      this.setTabStop();
    }
    if (target.matches(":focus-visible")) this.board.card.pointAt(id, target, CARD_MS);
  }

  left(target, next) {
    const { card, menu } = this.board;
    if (menu.box.contains(next)) return;
    card.hide();
    if (menu.box.contains(target)) menu.close();
  }

  /** The whole calendar is one Tab stop: the item that last had the focus. */
  setTabStop() {
    const { items, board } = this;
    const stop = items.find((each) => board.idAt(each) === this.lastId) ?? items[0];
    for (const each of items) each.tabIndex = each === stop ? 0 : -1;
  }

  goToNext(from, direction) {
    const middle = (node) => {
      const { x, y, width, height } = node.getBoundingClientRect();
      return [x + width / 2, y + height / 2];
    };
    const [fromX, fromY] = middle(from);
    let nearest = null;
    let least = Infinity;
    for (const each of this.items) {
      if (each === from) continue;
      const [x, y] = middle(each);
      const [right, down] = [x - fromX, y - fromY];
      const ways = { Left: [-right, down], Right: [right, down], Up: [-down, right], Down: [down, right] };
      const [ahead, aside] = ways[direction];
      const cost = ahead + SIDEWAYS_COSTS * Math.abs(aside);
      if (ahead > 2 && cost < least) [nearest, least] = [each, cost];
    }
    nearest?.focus();
  }

  move(id, direction, isResize) {
    const { board } = this;
    const item = board.shownItem(id);
    if (!item?.start || item.isMovable === false || board.data.readOnly) return;
    const goal = isResize ? this.resized(item, direction) : this.moved(item, direction);
    if (!goal) return;
    const kind = isResize ? "resize" : "move";
    const { start, minutes, isAllDay = false, lane = "" } = { ...item, ...goal };
    const typed = board.outbox.typedOf(id, kind);
    if (typed) Object.assign(typed, { start, minutes, lane });
    else board.outbox.add({ kind, id, start, minutes, isAllDay, lane, isTyped: true });
    board.render();
    board.say(this.spoken({ ...item, ...goal }));
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.send(), TYPING_MS);
  }

  send() {
    clearTimeout(this.timer);
    this.board.outbox.release();
    this.board.send();
  }

  moved(item, direction) {
    const { mode, lanes } = this.board.data;
    const isUpOrDown = direction === "Up" || direction === "Down";
    const step = direction === "Left" || direction === "Up" ? -1 : 1;
    if (mode === "lanes" && isUpOrDown) {
      const lane = lanes[lanes.findIndex(({ id }) => id === item.lane) + step];
      return lane && { lane: lane.id };
    }
    const isBySlot = mode === "lanes" || isUpOrDown;
    return { start: plusMinutes(item.start, step * (isBySlot ? this.stepMin(item) : DAY_MIN)) };
  }

  resized(item, direction) {
    const { mode, snapMin } = this.board.data;
    const isUpOrDown = direction === "Up" || direction === "Down";
    if (item.isAllDay || (mode === "lanes" && isUpOrDown)) return null;
    const step = direction === "Left" || direction === "Up" ? -1 : 1;
    const minutes = item.minutes + step * snapMin;
    return minutes > 0 ? { minutes } : null;
  }

  stepMin(item) {
    const { mode, snapMin } = this.board.data;
    return item.isAllDay || hasDayCells(mode, this.board.view) ? DAY_MIN : snapMin;
  }

  spoken(item) {
    const { lanes, mode, labels } = this.board.data;
    const when = this.board.wording.when(item, labels.allDay);
    const lane = mode === "lanes" ? lanes.find(({ id }) => id === item.lane)?.title : "";
    return lane ? `${when} – ${lane}` : when;
  }
}
