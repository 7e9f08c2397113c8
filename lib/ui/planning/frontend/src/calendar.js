// The calendar itself: the MIT package @event-calendar/core, set up for one person or for lanes.

import { createCalendar, DayGrid, Interaction, List, ResourceTimeline, TimeGrid } from "@event-calendar/core";
import { dateOf, dayText, DAY_MIN, nextDay, plusMinutes } from "./dates.js";
import { fill, make, makeIcon, makeUnseen } from "./dom.js";

// Python's words for the views, and the calendar's.
export const VIEWS = {
  person: { day: "timeGridDay", week: "timeGridWeek", month: "dayGridMonth", list: "listWeek" },
  lanes: {
    day: "resourceTimelineDay",
    week: "resourceTimelineWeek",
    week_hours: "lanesHours",
    month: "resourceTimelineMonth",
  },
};

export function viewName(mode, type) {
  return Object.entries(VIEWS[mode]).find(([, each]) => each === type)[0];
}

/** Whether a cell is a whole day: what is moved there keeps its time. */
export function hasDayCells(mode, view) {
  return view === "month" || (mode === "lanes" && view === "week");
}

const LANE_HOUR_PX = 68;
const LANE_WEEK_HOUR_PX = 24; // thirty minutes are 12 px: readable as a bar only, hence the week of day cells
const LONG_PRESS_MS = 350;
const DRAG_STARTS_PX = 4;

/** `board` answers what the user does; see board.js. */
export function makeCalendar(board, element) {
  const { mode } = board.data;
  const plugins = mode === "lanes" ? [ResourceTimeline, Interaction] : [TimeGrid, DayGrid, List, Interaction];
  return createCalendar(element, plugins, {
    ...appearance(board),
    ...(mode === "lanes" ? laneViews(board) : personViews(board)),
    ...handlers(board),
    events: [],
    resources: resourcesOf(board.data),
  });
}

export function resourcesOf({ mode, lanes }) {
  return mode === "lanes" ? lanes.map(({ id, title, note }) => ({ id, title, extendedProps: { note } })) : [];
}

/** The options that Python may change while the calendar stands. */
export function changingOptions({ height, hiddenDays, readOnly, slotMin, slotMax }) {
  return {
    height: `${height}px`,
    hiddenDays,
    selectable: !readOnly,
    slotMinTime: slotMin,
    slotMaxTime: slotMax,
  };
}

const clockTime = (minutes) => plusMinutes("2000-01-01T00:00:00", minutes).slice(11, 16);

function appearance({ data }) {
  const { labels, mode } = data;
  const names = Object.entries(VIEWS[mode]);
  const words = { today: labels.today, prev: labels.prev, next: labels.next, close: labels.close };
  for (const [name, type] of names) words[type] = labels[name];
  return {
    ...changingOptions(data),
    view: VIEWS[mode][data.view],
    date: dateOf(data.day),
    locale: data.language,
    firstDay: 1,
    headerToolbar: { start: "prev,next today", center: "title", end: names.map(([, type]) => type).join(",") },
    buttonText: (defaults) => ({ ...defaults, ...words }),
    allDayContent: labels.allDay,
    noEventsContent: labels.empty,
    moreLinkContent: ({ num }) => fill(labels.more, { count: num }),
    dayMaxEvents: true,
    slotDuration: "00:30",
    slotHeight: 30, // the lowest at which a quarter of an hour can be read
    snapDuration: clockTime(data.snapMin),
    scrollTime: "08:00",
    flexibleSlotTimeLimits: true, // an item at 6:00 or 21:00 is seen all the same
    nowIndicator: true,
    editable: true, // each event says so for itself
    eventResizableFromStart: false,
    eventDragMinDistance: DRAG_STARTS_PX,
    longPressDelay: LONG_PRESS_MS,
  };
}

function personViews(board) {
  const withLoad = { dayHeaderFormat: (date) => ({ domNodes: [board.loads.dayHeader(dayText(date))] }) };
  return { views: { timeGridDay: withLoad, timeGridWeek: withLoad } };
}

// A view's own options win over the calendar's, so that what is common must be said again.
function laneViews(board) {
  const hours = { hour: "numeric" };
  const { columnDay } = board.wording;
  const dayHeader = { dayHeaderFormat: (date) => columnDay.format(date) };
  const dayCells = (narrowest) => ({
    ...dayHeader,
    slotDuration: { days: 1 },
    columnWidth: `minmax(${narrowest}, 1fr)`,
  });
  return {
    resourceLabelContent: ({ resource }) => ({ domNodes: [board.loads.laneHeader(resource)] }),
    views: {
      resourceTimelineDay: { slotWidth: LANE_HOUR_PX / 2, slotLabelInterval: "01:00", slotLabelFormat: hours },
      // A slot of a whole day turns the time line into cells; so wide, the cell is never wider than its slot.
      resourceTimelineWeek: { ...dayCells("7.5rem"), slotWidth: 9999 },
      resourceTimelineMonth: dayCells("4.6rem"),
      lanesHours: {
        type: "resourceTimelineWeek",
        ...dayHeader,
        slotDuration: "01:00",
        slotWidth: LANE_WEEK_HOUR_PX,
        slotLabelInterval: "02:00",
        slotLabelFormat: hours,
      },
    },
  };
}

function handlers(board) {
  return {
    eventContent: ({ event }) => ({ domNodes: [contentOf(board, event)] }),
    eventAllUpdated: () => board.keyboard?.setTabStop(),
    eventClick: ({ event }) => board.clicked(itemId(event)),
    eventMouseEnter: ({ event, el }) => board.card.pointAt(itemId(event), el),
    eventMouseLeave: () => board.card.pointAt(null),
    eventDragStart: () => board.dragStarted(),
    eventDragStop: ({ event, jsEvent }) => board.dragStopped(event, jsEvent),
    eventDrop: ({ event, revert }) => board.dropped(event, revert),
    eventResizeStart: () => board.dragStarted(),
    eventResizeStop: () => board.dragStopped(),
    eventResize: ({ event }) => board.resized(event),
    select: ({ start, end, allDay, resource }) => board.slotDrawn(start, end, allDay, resource),
    dateClick: ({ date, allDay, resource }) => board.slotDrawn(date, null, allDay, resource),
    datesSet: ({ start, end, view }) => board.navigated(dayText(start), dayText(end), view.type),
    viewDidMount: ({ view }) => board.viewChanged(view.type), // perhaps of the same dates: no datesSet then
  };
}

// ---- what is drawn: items, wished days, bands

const itemId = (event) => event.extendedProps.item?.id;

export function endOf({ start, minutes, isAllDay }) {
  return isAllDay ? `${nextDay(start)}T00:00:00` : plusMinutes(start, minutes);
}

export function itemEvent(item, { canMove, canResize }) {
  return {
    id: `item ${item.id}`,
    title: item.title,
    start: item.start,
    end: endOf(item),
    allDay: Boolean(item.isAllDay),
    resourceIds: item.lane ? [item.lane] : [],
    classNames: ["item", `tone-${item.tone}`, ...(item.looks ?? [])],
    // These and not `editable`: the calendar's own options would win over it.
    startEditable: canMove,
    durationEditable: canMove && canResize && !item.isAllDay,
    extendedProps: { item },
  };
}

/** A light chip on the day wished for what is still in the tray. */
export function wishEvent(item) {
  const start = `${item.wished}T00:00:00`;
  const wish = { ...item, start, minutes: DAY_MIN, isAllDay: true };
  const event = itemEvent(wish, { canMove: false });
  const classNames = [...event.classNames, "wish"];
  return { ...event, id: `wish ${item.id}`, classNames, extendedProps: { item, isWish: true } };
}

export function bandEvent(band, number) {
  return {
    id: `band ${number}`,
    start: band.start,
    end: band.end,
    allDay: band.isAllDay,
    display: "background",
    resourceIds: band.lanes,
    classNames: ["band", `band-${band.kind}`],
    backgroundColor: "transparent",
    extendedProps: { label: band.label },
  };
}

/** What shows where a tray's item would fall. */
export function previewEvent(item, slot) {
  const event = itemEvent({ ...item, ...slot, looks: [] }, { canMove: false });
  const classNames = [...event.classNames, "preview"];
  return { ...event, id: "preview", classNames, extendedProps: { item: { ...item, id: "" } } };
}

function contentOf(board, { display, extendedProps, start, allDay }) {
  const { item, isWish, label } = extendedProps;
  if (display === "background") return make("span", { className: "band-label" }, label ?? "");
  if (!item) return make("span", { className: "line" }, board.wording.clock.format(start)); // a time being drawn
  const time = allDay || isWish ? "" : board.wording.clock.format(start);
  const dataset = isWish ? { wish: item.id } : { id: item.id };
  return make("span", { className: "line", dataset }, ...itemWords(board, item, time));
}

/** Signs, time and title of an item, in the calendar and in the tray; colour is never the only sign. */
export function itemWords({ data: { labels } }, { title, icon, looks = [], menu }, time) {
  const words = [];
  if (looks.includes("late")) words.push(makeIcon("!", "late-sign"));
  if (icon) words.push(makeIcon(icon));
  if (time) words.push(make("time", {}, time));
  words.push(make("span", { className: "title" }, title));
  if (looks.includes("done")) words.push(makeIcon(":material/check:"));
  if (looks.includes("deal")) words.push(makeIcon(":material/handshake:", "deal-sign"));
  if (looks.length) words.push(makeUnseen(looks.map((look) => `, ${labels[look] ?? look}`).join("")));
  if (menu?.length) words.push(make("span", { className: "dots icon", title: labels.menu, ariaHidden: "true" }, "⋮"));
  return words;
}
