// Dates and times are the wall clock as text, "2026-11-24T09:00:00": no time zone comes in, wherever the browser lives.

const two = (number) => String(number).padStart(2, "0");
const parts = (text) => text.match(/\d+/g).map(Number);

/** The text of a Date that shows the wall clock, as the calendar gives it. */
export function dayText(date) {
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

export function timeText(date) {
  return `${dayText(date)}T${two(date.getHours())}:${two(date.getMinutes())}:00`;
}

/** A Date that shows this wall clock, for the calendar and for Intl. */
export function dateOf(text) {
  const [year, month, day, hours = 0, minutes = 0] = parts(text);
  return new Date(year, month - 1, day, hours, minutes);
}

// Counted in UTC, where every day has 24 hours.
function minutesSinceEpoch(text) {
  const [year, month, day, hours = 0, minutes = 0] = parts(text);
  return Date.UTC(year, month - 1, day, hours, minutes) / 60_000;
}

export function plusMinutes(text, minutes) {
  return new Date((minutesSinceEpoch(text) + minutes) * 60_000).toISOString().slice(0, 19);
}

export function minutesBetween(start, end) {
  return minutesSinceEpoch(end) - minutesSinceEpoch(start);
}

export const DAY_MIN = 1440;

export function nextDay(day) {
  return plusMinutes(`${day.slice(0, 10)}T00:00:00`, DAY_MIN).slice(0, 10);
}

export function daysBetween(first, after) {
  const days = [];
  for (let day = first; day < after; day = nextDay(day)) days.push(day);
  return days;
}

/** 330 -> "5:30" */
export function duration(minutes) {
  return `${Math.floor(minutes / 60)}:${two(minutes % 60)}`;
}

/** How this language writes what a person reads of dates. */
export class Wording {
  constructor(language) {
    const format = (options) => new Intl.DateTimeFormat(language, options);
    this.clock = format({ hour: "2-digit", minute: "2-digit" });
    this.shortDay = format({ weekday: "short", day: "numeric", month: "short" });
    this.columnDay = format({ weekday: "short", day: "numeric", month: "numeric" });
  }

  day(text) {
    return this.shortDay.format(dateOf(text));
  }

  when(item, allDay) {
    if (item.isAllDay) return `${this.day(item.start)}, ${allDay}`;
    const end = plusMinutes(item.start, item.minutes);
    return `${this.day(item.start)}, ${this.clock.format(dateOf(item.start))} – ${this.clock.format(dateOf(end))}`;
  }
}
