// Hours planned against hours available, counted here: right even before Python has answered a move.

import { dateOf, daysBetween, duration } from "./dates.js";
import { fill, make, makeUnseen } from "./dom.js";

const HIGH_SHARE = 0.85;

export class Loads {
  headers = new Map(); // lane id or day -> its header, kept: the calendar asks for it again at each drawing

  constructor(board) {
    this.board = board;
  }

  laneHeader({ id, title, extendedProps: { note } }) {
    return this.header(id, () => {
      const name = make("b", { title }, title);
      const meter = make("span", { className: "meter", ariaHidden: "true" }, make("span", { className: "filled" }));
      const load = make("small", { className: "load" });
      const about = note ? [make("small", { className: "note" }, note)] : [];
      return make("span", { className: "lane" }, name, ...about, load, meter);
    });
  }

  dayHeader(day) {
    const { columnDay } = this.board.wording;
    return this.header(day, () => {
      const name = make("span", {}, columnDay.format(dateOf(day)));
      return make("span", { className: "day-load" }, name, make("small", { className: "load" }));
    });
  }

  header(id, build) {
    if (!this.headers.has(id)) this.headers.set(id, build());
    queueMicrotask(() => this.show()); // once the calendar has put it in place
    return this.headers.get(id);
  }

  /** Lanes were renamed, added, removed. */
  forget() {
    this.headers.clear();
  }

  show() {
    const { data, range, items } = this.board;
    if (!range || !items) return;
    const days = daysBetween(...range);
    if (data.mode === "lanes") {
      for (const lane of data.lanes) this.fillIn(lane.id, this.planned((item) => item.lane === lane.id), lane, days);
    } else {
      const [person] = data.lanes;
      for (const day of days) this.fillIn(day, this.planned((item) => item.start.slice(0, 10) === day), person, [day]);
    }
  }

  /** Minutes of what counts and starts in the visible days. */
  planned(belongs) {
    const { range, items } = this.board;
    const [first, after] = range;
    const counted = items.filter((item) => item.counts !== false && item.start >= first && item.start < after);
    return counted.filter(belongs).reduce((sum, { minutes }) => sum + minutes, 0);
  }

  fillIn(id, planned, lane, days) {
    const header = this.headers.get(id);
    if (!header) return;
    const { labels } = this.board.data;
    const available = days.reduce((sum, day) => sum + (lane?.capacity[day] ?? 0), 0);
    planned += days.reduce((sum, day) => sum + (lane?.leftOut[day] ?? 0), 0); // planned, and not shown as items
    const share = available ? planned / available : planned ? Infinity : 0;
    const isOver = share > 1;
    const text = `${duration(planned)} / ${duration(available)}`;
    const load = header.querySelector(".load");
    const filled = header.querySelector(".filled");
    load.replaceChildren(isOver ? "▲ " : "", text, ...(isOver ? [makeUnseen(`, ${labels.overloaded}`)] : []));
    load.title = fill(labels.load, { load: text }) + (isOver ? ` – ${labels.overloaded}` : "");
    header.dataset.load = isOver ? "over" : share > HIGH_SHARE ? "high" : "fine";
    if (filled) filled.style.width = `${Math.min(100, Math.round(share * 100))}%`;
  }
}
