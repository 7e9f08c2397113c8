// One planning on the page: what Python gave, what the user did since, the calendar and the tray that show both.

import { destroyCalendar } from "@event-calendar/core";
import { tick } from "svelte";
import {
  bandEvent,
  changingOptions,
  hasDayCells,
  itemEvent,
  makeCalendar,
  resourcesOf,
  VIEWS,
  viewName,
  wishEvent,
} from "./calendar.js";
import { dateOf, dayText, minutesBetween, timeText, Wording } from "./dates.js";
import { isOver, make } from "./dom.js";
import { Keyboard } from "./keyboard.js";
import { Loads } from "./loads.js";
import { Outbox } from "./outbox.js";
import { HoverCard, ItemMenu } from "./popovers.js";
import { Tray } from "./tray.js";

const LOOK_MS = 150; // Python hears of a navigation so long after the last one
const MANY_CHANGES = 60; // past this, drawing all anew is faster than one by one
const SHAKE_MS = 1600;
const READ_MS = { least: 8000, aCharacter: 90 };

export class Board {
  calls = 0; // of Streamlit's, see planning.js
  isBusy = false; // something is being dragged
  hasJustDropped = false; // the click that ends a drag opens nothing
  shown = new Map(); // event id -> what the calendar shows, as text
  unsure = new Set(); // event ids that the calendar moved by itself: to be drawn again whatever is known
  life = new AbortController();

  constructor(data, setStateValue) {
    this.data = data;
    this.view = data.view;
    this.setStateValue = setStateValue;
    this.wording = new Wording(data.language);
    this.loads = new Loads(this);
    this.outbox = new Outbox({
      post: (value) => this.setStateValue("ops", value),
      onSlow: () => this.say(this.data.labels.notSent, { isBad: true }),
    });
    this.build();
    this.calendar = makeCalendar(this, this.calendarBox);
    this.keyboard = new Keyboard(this, this.life.signal);
    this.listen(this.life.signal);
  }

  build() {
    const { key, labels } = this.data;
    const help = make("p", { className: "unseen", id: `planning-help-${key}` }, labels.help);
    this.calendarBox = make("div", { className: "calendar", role: "region", ariaLabel: labels.name });
    this.calendarBox.setAttribute("aria-describedby", help.id);
    this.message = make("div", { className: "message", popover: "manual" });
    this.tray = new Tray(this, this.life.signal);
    this.card = new HoverCard(this);
    this.menu = new ItemMenu(this);
    const main = make("div", { className: "main" }, this.calendarBox, this.message);
    this.root = make("div", { className: "relais-planning" }, this.tray.box, main, this.card.box, this.menu.box, help);
  }

  listen(signal) {
    const { root } = this;
    root.addEventListener("contextmenu", (event) => {
      const id = this.idAt(event.target);
      if (!id) return;
      event.preventDefault();
      this.menu.open(id, new DOMRect(event.clientX, event.clientY));
    }, { signal });
    // The ⋮ of an item: neither a drag of the item nor a click on it.
    root.addEventListener("pointerdown", (event) => {
      if (event.target.closest(".dots")) event.stopPropagation();
    }, { signal, capture: true });
    root.addEventListener("click", (event) => {
      const dots = event.target.closest(".dots");
      if (!dots) return;
      event.stopPropagation();
      this.menu.open(this.idAt(dots), dots.getBoundingClientRect());
    }, { signal, capture: true });
    root.addEventListener("scroll", () => this.card.hide(), { signal, capture: true });
    this.message.addEventListener("click", () => this.hush(), { signal });
    document.addEventListener("pointerdown", ({ target }) => {
      if (!this.menu.box.contains(target)) this.menu.close();
    }, { signal, capture: true });
  }

  /** Streamlit takes the component away, perhaps to mount it again at once. */
  unmounted() {
    this.keyboard.send();
    this.sendLook();
    this.card.hide();
    this.menu.close();
    this.tray.giveUp();
  }

  destroy() {
    clearTimeout(this.outbox.timer);
    clearTimeout(this.lookTimer);
    clearTimeout(this.messageTimer);
    this.life.abort();
    destroyCalendar(this.calendar);
    this.root.remove();
  }

  // ---- from Python

  update(data, setStateValue) {
    const before = this.data;
    this.data = data;
    this.setStateValue = setStateValue;
    const told = this.outbox.acknowledge(data.ack);
    if (data !== before) this.applyOptions(before);
    this.send();
    this.render();
    this.lookIfUncovered();
    for (const { id, text, bad } of told) this.tell(id, text, bad);
  }

  applyOptions(before) {
    const { data, calendar } = this;
    if (JSON.stringify(data.lanes) !== JSON.stringify(before.lanes)) {
      this.loads.forget();
      calendar.setOption("resources", resourcesOf(data));
    }
    const [old, now] = [changingOptions(before), changingOptions(data)];
    const changed = Object.keys(now).filter((name) => JSON.stringify(now[name]) !== JSON.stringify(old[name]));
    for (const name of changed) calendar.setOption(name, now[name]);
    if (data.rev === before.rev) return;
    calendar.setOption("view", VIEWS[data.mode][data.view]);
    calendar.setOption("date", dateOf(data.day));
  }

  tell(id, text, isBad) {
    this.say(text, { isBad });
    if (!isBad || !id) return;
    // In two frames the calendar has put the item back.
    requestAnimationFrame(() => requestAnimationFrame(() => {
      const node = this.elementOf(id);
      node?.classList.add("shaken");
      setTimeout(() => node?.classList.remove("shaken"), SHAKE_MS);
    }));
  }

  say(text, { isBad = false } = {}) {
    const { message } = this;
    message.role = isBad ? "alert" : "status";
    message.classList.toggle("bad", isBad);
    message.textContent = text;
    if (message.isConnected && !message.matches(":popover-open")) message.showPopover();
    clearTimeout(this.messageTimer);
    this.messageTimer = setTimeout(() => this.hush(), Math.max(READ_MS.least, text.length * READ_MS.aCharacter));
  }

  hush() {
    if (this.message.matches(":popover-open")) this.message.hidePopover();
  }

  // ---- to Python

  send() {
    const known = new Map([...this.data.items, ...(this.data.tray ?? [])].map((item) => [item.id, item]));
    this.outbox.send((id) => known.get(id)?.version ?? 0);
  }

  ask(op) {
    this.outbox.add(op);
    this.send();
    this.render();
  }

  navigated(first, after, type) {
    const isFirst = !this.range; // Python's own choice, not to be told
    this.range = [first, after];
    this.view = viewName(this.data.mode, type);
    if (isFirst) this.toldLook = this.look();
    this.loads.show();
    clearTimeout(this.lookTimer);
    queueMicrotask(() => this.render()); // what may be resized depends on the view
    if (isFirst) return this.lookIfUncovered();
    this.lookTimer = setTimeout(() => this.sendLook(), LOOK_MS);
  }

  viewChanged(type) {
    if (this.range) this.navigated(...this.range, type);
  }

  look() {
    return [this.view, ...this.range, this.data.rev].join();
  }

  sendLook() {
    clearTimeout(this.lookTimer);
    if (!this.range || this.look() === this.toldLook) return;
    this.toldLook = this.look();
    const [first, after] = this.range;
    const day = dayText(this.calendar.getOption("date"));
    this.ask({ kind: "look", first, after, view: this.view, day, rev: this.data.rev });
  }

  // A planning that outlived Python's session stands elsewhere than Python thinks: said once.
  lookIfUncovered() {
    if (!this.range) return; // the calendar tells it a moment after it was made
    const [first, after] = this.data.window;
    const isCovered = this.range[0] >= first && this.range[1] <= after;
    const place = this.look();
    if (isCovered || this.uncovered === place) return;
    this.uncovered = place;
    this.toldLook = "";
    this.sendLook();
  }

  // ---- drawing

  render() {
    if (!this.calendar || this.life.signal.aborted) return;
    const { items, tray, bands } = this.data;
    const [planned, unplanned] = this.outbox.overlay(items, tray ?? []);
    this.items = planned;
    this.known = new Map([...unplanned, ...planned].map((item) => [item.id, item]));
    const focused = this.root.contains(document.activeElement) ? this.idAt(document.activeElement) : null;
    this.draw([
      ...planned.map((item) => itemEvent(item, this.abilities(item))),
      ...unplanned.filter(({ wished }) => wished).map(wishEvent),
      ...bands.map(bandEvent),
    ]);
    this.tray.show(unplanned);
    this.loads.show();
    if (focused) this.focusAgain(focused);
  }

  abilities(item) {
    const { mode, readOnly } = this.data;
    return { canMove: item.isMovable !== false && !readOnly, canResize: !hasDayCells(mode, this.view) };
  }

  // Only what differs: the calendar stays where it is, and so does what isn't concerned.
  draw(events) {
    const { calendar } = this;
    const wanted = new Map(events.map((event) => [event.id, JSON.stringify(event)]));
    const isChanged = ({ id }) => this.shown.has(id) && (this.shown.get(id) !== wanted.get(id) || this.unsure.has(id));
    const added = events.filter(({ id }) => !this.shown.has(id));
    const changed = events.filter(isChanged);
    const removed = [...this.shown.keys()].filter((id) => !wanted.has(id));
    if (added.length + changed.length + removed.length > MANY_CHANGES) {
      calendar.setOption("events", events);
    } else {
      for (const id of removed) calendar.removeEventById(id);
      for (const event of changed) calendar.updateEvent(event);
      for (const event of added) calendar.addEvent(event);
    }
    this.shown = wanted;
    this.unsure.clear();
  }

  // The calendar makes the element anew: its focus is given back, once after the drawing and once after the frame.
  focusAgain(id) {
    const focus = () => {
      const node = this.elementOf(id);
      const isLost = !document.activeElement || document.activeElement === document.body;
      if (node && isLost) node.focus({ preventScroll: true });
    };
    tick().then(focus);
    requestAnimationFrame(focus);
  }

  shownItem(id) {
    return this.known?.get(id);
  }

  idAt(node) {
    const holder = node.closest?.(".ec-event")?.querySelector(".line") ?? node.closest?.(".tray-item");
    return holder?.dataset.id ?? holder?.dataset.wish;
  }

  elementOf(id) {
    const line = this.calendarBox.querySelector(`[data-id="${CSS.escape(id)}"]`);
    return line?.closest(".ec-event") ?? this.tray.nodeOf(id);
  }

  // ---- what the user does in the calendar

  clicked(id) {
    if (this.hasJustDropped) return;
    this.card.hide();
    this.menu.close();
    this.ask({ kind: "open", id });
  }

  dragStarted() {
    this.isBusy = true;
    this.card.hide();
    this.menu.close();
    this.root.classList.add("dragging");
  }

  /** Where the drag ended decides: over the tray, over a slot, or nowhere. */
  dragStopped(event, pointer) {
    this.isBusy = false;
    this.root.classList.remove("dragging");
    this.hasJustDropped = true;
    setTimeout(() => (this.hasJustDropped = false)); // the browser sends that click in this same task
    if (!pointer) return;
    const isPlain = this.data.tray !== null && isOver(this.tray.box, pointer);
    this.landed = isPlain ? "tray" : this.isSlotFor(event, pointer) ? "slot" : "nowhere";
  }

  // The calendar keeps the last slot that was passed, wherever the pointer is let go.
  isSlotFor(event, { clientX, clientY }) {
    const hit = this.calendar.dateFromPoint(clientX, clientY);
    if (!hit || hit.disabled || !isOver(this.calendarBox, { clientX, clientY })) return false;
    // In a person's hours, the row of whole days and the hours below it are two places.
    const isOneGrid = this.data.mode === "lanes" || hasDayCells(this.data.mode, this.view);
    return isOneGrid || Boolean(hit.allDay) === event.allDay;
  }

  dropped(event, revert) {
    const { item } = event.extendedProps;
    if (this.landed === "nowhere") return revert();
    this.unsure.add(event.id);
    if (this.landed === "slot") return this.moved("move", event, item.minutes);
    const { id, minutes, isAllDay = false, lane = "" } = item;
    return this.ask({ kind: "unplan", id, minutes, isAllDay, lane });
  }

  resized(event) {
    this.unsure.add(event.id);
    this.moved("resize", event, minutesBetween(timeText(event.start), timeText(event.end)));
  }

  moved(kind, event, minutes) {
    const { item } = event.extendedProps;
    const lane = event.resourceIds[0] ?? item.lane ?? "";
    const start = event.allDay ? `${dayText(event.start)}T00:00:00` : timeText(event.start);
    const isWhereItWas = start === item.start && minutes === item.minutes && lane === (item.lane ?? "");
    if (isWhereItWas) this.render();
    else this.ask({ kind, id: item.id, start, minutes, isAllDay: event.allDay, lane });
  }

  slotDrawn(start, end, allDay, resource) {
    this.menu.close();
    this.calendar.unselect();
    if (this.data.readOnly || this.isBusy) return;
    const slot = this.slotOf({ date: start, allDay, resource });
    if (end && !allDay) slot.minutes = minutesBetween(timeText(start), timeText(end));
    this.ask({ kind: "create", ...slot });
  }

  /** The free slot under the pointer, or null. */
  slotAt({ clientX, clientY }) {
    const hit = isOver(this.calendarBox, { clientX, clientY }) ? this.calendar.dateFromPoint(clientX, clientY) : null;
    if (!hit || hit.disabled) return null;
    const { minutes, ...slot } = this.slotOf(hit);
    return slot;
  }

  slotOf({ date, allDay, resource }) {
    const { mode, lanes, dayStart, defaultMin } = this.data;
    const isDayCell = allDay && hasDayCells(mode, this.view);
    const start = isDayCell ? `${dayText(date)}T${dayStart}:00` : timeText(date);
    const lane = resource?.id ?? (mode === "person" ? lanes[0]?.id : "") ?? "";
    return { start, minutes: defaultMin, isAllDay: Boolean(allDay) && !isDayCell, lane };
  }
}
