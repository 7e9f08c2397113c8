// One page of rows, drawn from Python's data; tells Python what the user did. Plain DOM, no dependency, no build.

import { make, makeButton, makeIcon } from "./dom.js";
import { HoverCard, RowMenu } from "./popovers.js";

const tables = new WeakMap(); // parentElement -> ActionTable: Streamlit calls again at each new data or theme
const selections = new Map(); // Python's key -> { ids, turn }: outlives the component, which Streamlit may mount again
const markIcons = {
  late: ":material/schedule:",
  deal: ":material/handshake:",
  done: ":material/check_circle:",
  cancelled: ":material/cancel:",
};

export default function (component) {
  const { parentElement } = component;
  if (!tables.has(parentElement)) tables.set(parentElement, new ActionTable(parentElement));
  const table = tables.get(parentElement);
  const call = table.update(component);
  return () => {
    if (call === table.calls && tables.delete(parentElement)) table.remove(); // an older call's cleanup may run late
  };
}

/** The columns' widths: lengths as they are, "2fr" as a share of what those leave, never below 2.4rem a share. */
function columnWidths(columns, toolsRem) {
  const shareOf = ({ width }) => (width.endsWith("fr") ? parseFloat(width) : 0);
  const lengths = columns.filter((column) => !shareOf(column)).map(({ width }) => width);
  const fixed = [`${toolsRem}rem`, ...lengths].join(" + ");
  const total = columns.reduce((sum, column) => sum + shareOf(column), 0);
  const share = (part) => `max(${2.4 * part}rem, calc((100cqw - (${fixed})) * ${part / total}))`;
  return columns.map((column) => (shareOf(column) ? share(shareOf(column)) : column.width));
}

class ActionTable {
  calls = 0;
  selected = new Set(); // ids, also of rows on other pages
  life = new AbortController();

  constructor(parentElement) {
    const { signal } = this.life;
    this.caption = make("caption", { className: "unseen" });
    this.head = make("thead");
    this.body = make("tbody");
    this.pageBox = make("input", { type: "checkbox", dataset: { spot: "page" } });
    this.table = make("table", {}, this.caption, this.head, this.body);
    this.frame = make("div", { className: "frame" }, this.table);
    this.news = make("div", { className: "unseen", role: "status" });
    this.card = new HoverCard(signal);
    this.menu = new RowMenu(signal, (chosen) => this.tell("menu", chosen), (id) => this.focus(`row ${id}`));
    this.root = make("div", { className: "action-table" }, this.frame, this.card.box, this.menu.box, this.news);
    parentElement.append(this.root);
    this.listen(signal);
  }

  listen(signal) {
    const on = {
      click: this.clicked, keydown: this.keyPressed, contextmenu: this.rightClicked, focusin: this.focused,
      pointerover: this.pointed, pointerleave: () => this.card.pointAt(null), scroll: () => this.card.follow(),
    };
    for (const type in on) this.frame.addEventListener(type, (event) => on[type].call(this, event), { signal });
    const first = { signal, capture: true }; // before everybody: Escape must not also close the dialog around the table
    window.addEventListener("keydown", (event) => this.escapePressed(event), first);
    window.addEventListener("scroll", ({ target }) => target !== this.card.box && this.card.follow(), first);
  }

  remove() {
    this.card.hide();
    this.life.abort();
    this.root.remove();
  }

  get lines() {
    return [...this.body.querySelectorAll("tr[data-id]")];
  }

  focus(spot) { // a spot names what can have the focus, so that it is found again after a new drawing
    this.root.querySelector(`[data-spot="${CSS.escape(spot)}"]`)?.focus({ preventScroll: true });
  }

  // ---- drawing

  update(component) {
    const { selection, ...picture } = component.data;
    this.component = component;
    this.data = component.data;
    const { key, current } = this.data;
    if (selection.turn >= (selections.get(key)?.turn ?? 0)) selections.set(key, selection); // the newer wins
    this.selected = new Set(selections.get(key).ids);
    const drawn = JSON.stringify(picture);
    if (drawn !== this.drawn) this.draw();
    this.drawn = drawn;
    if (current !== this.current) this.goTo(current);
    this.mark();
    return ++this.calls;
  }

  draw() {
    const { rows, labels, mode, maxHeight } = this.data;
    const focused = this.root.contains(document.activeElement) ? document.activeElement.dataset.spot : "";
    const firstId = this.lines[0]?.dataset.id;
    this.hasBox = mode !== "none";
    this.hasMenu = rows.some((row) => row.menu.length);
    this.card.hide();
    this.frame.style.maxHeight = maxHeight;
    this.caption.textContent = labels.help;
    this.pageBox.ariaLabel = this.pageBox.title = labels.select_page;
    this.pageBox.disabled = !rows.length;
    this.head.replaceChildren(this.headLine());
    this.body.replaceChildren(...rows.map((row) => this.line(row)));
    if (!rows.length) this.body.append(make("tr", { className: "empty" }, make("td", { colSpan: 99 }, labels.empty)));
    if (rows[0]?.id !== firstId) this.frame.scrollTop = 0; // another page or order
    if (focused) this.focus(focused);
  }

  headLine() {
    const { columns, mode } = this.data;
    const widths = columnWidths(columns, 2 * (this.hasBox + this.hasMenu));
    const box = make("td", { className: "box" }, ...(mode === "multi" ? [this.pageBox] : []));
    const cells = columns.map((column, at) => this.headCell(column, widths[at]));
    return make("tr", {}, ...this.withTools(box, cells, make("td", { className: "more" })));
  }

  withTools(box, cells, more) {
    return [...(this.hasBox ? [box] : []), ...cells, ...(this.hasMenu ? [more] : [])];
  }

  headCell({ id, label, icon, sortable, align }, width) {
    const [sorted, descending] = this.data.sort ?? [];
    const cell = make("th", { scope: "col", title: label, dataset: { align } });
    const words = icon ? makeIcon(icon, { label }) : make("span", { className: "text" }, label);
    const arrow = makeIcon(sorted !== id ? "" : descending ? "▼" : "▲", { className: "arrow" });
    if (sorted === id) cell.ariaSort = descending ? "descending" : "ascending";
    cell.append(sortable ? makeButton("sort", `sort ${id}`, { dataset: { column: id } }, words, arrow) : words);
    cell.style.width = width;
    return cell;
  }

  line(row) {
    const { columns, labels, current } = this.data, { id, cells, looks, menu } = row;
    const value = cells[columns.findIndex((column) => column.opens)];
    const about = (label) => ({ ariaLabel: `${label} ${value?.text ?? value ?? id}`, title: label, tabIndex: -1 });
    const tick = make("input", { type: "checkbox", ...about(labels.select_row), dataset: { spot: `box ${id}` } });
    const mosaic = { ...about(labels.row_menu), ariaHasPopup: "menu" };
    const button = menu.length ? [makeButton("mosaic", `menu ${id}`, mosaic, makeIcon(":material/more_vert:"))] : [];
    const bodyCells = columns.map((column, at) => this.cell(column, cells[at], row));
    const spoken = [...looks, ...(id === current ? ["current"] : [])].map((look) => `, ${labels[look]}`).join("");
    bodyCells[0]?.append(make("span", { className: "unseen" }, spoken)); // colour is never the only sign
    const [box, more] = [make("td", { className: "box" }, tick), make("td", { className: "more" }, ...button)];
    const dataset = { id, looks: looks.join(" "), spot: `row ${id}` };
    const line = make("tr", { dataset }, ...this.withTools(box, bodyCells, more));
    if (id === current) line.ariaCurrent = "true";
    return line;
  }

  cell(column, value, row) {
    const content = typeof value === "object" && value ? value : { text: value ?? "" };
    const { note, hint, card, html } = content;
    const dataset = { align: column.align };
    const cell = make(column.opens ? "th" : "td", { dataset }, this.words(column, content, row));
    if (column.opens) cell.scope = "row";
    if (note) cell.append(make("div", { className: "note" }, note));
    if (hint) cell.title = hint;
    if (card || html) {
      cell.dataset.card = "";
      this.card.contents.set(cell, { card, html });
    }
    return cell;
  }

  /** The cell's first line: icon, text, and the marks of the row's looks that this column bears. */
  words({ opens, marks }, { text, icon, tone, label, href }, { id, looks }) {
    const save = href?.startsWith("/") ? { download: "" } : {}; // a phone number isn't a file
    const link = href ? ["a", { href, ...save, tabIndex: -1, title: label ?? "" }] : ["div", {}];
    const line = make(link[0], { ...link[1], className: tone ? "line badge" : "line", dataset: tone ? { tone } : {} });
    const shownMarks = marks.filter((look) => looks.includes(look));
    if (icon) line.append(makeIcon(icon, { label: text ? "" : label }));
    if (text && opens) line.append(makeButton("text open", `open ${id}`, { tabIndex: -1 }, text));
    else if (text) line.append(make("span", { className: "text" }, text));
    for (const look of shownMarks)
      line.append(makeIcon(markIcons[look], { className: `mark ${look}`, title: this.data.labels[look] }));
    return line;
  }

  mark() { // what changes without a new drawing: ticks and the row that Tab reaches (all rows are one Tab stop)
    const all = this.lines, ticked = all.filter((line) => this.selected.has(line.dataset.id));
    const tabStop = all.find((line) => line.dataset.id === this.tabStop) ?? all[0];
    for (const line of all) {
      const isTicked = this.selected.has(line.dataset.id), box = line.querySelector("input");
      if (box) box.checked = isTicked;
      line.classList.toggle("selected", isTicked);
      line.tabIndex = line === tabStop ? 0 : -1;
    }
    this.pageBox.checked = all.length > 0 && ticked.length === all.length;
    this.pageBox.indeterminate = ticked.length > 0 && !this.pageBox.checked;
  }

  goTo(id) { // where Python says one is: that row is in view and gets the first Tab
    this.current = this.tabStop = id;
    const line = this.lines.find((each) => each.dataset.id === id);
    if (line) this.frame.scrollTop = line.offsetTop - this.frame.clientHeight / 2;
  }

  // ---- what the user does

  tell(gesture, value) { // one run, in which Python sees the value
    this.component.setTriggerValue(gesture, value);
  }

  open(line) {
    this.tell("open", { row: line.dataset.id });
  }

  setSelected(lines, isOn) {
    const { key, mode, labels } = this.data;
    if (mode === "single") this.selected.clear();
    for (const line of lines) this.selected[isOn ? "add" : "delete"](line.dataset.id);
    this.mark();
    this.news.textContent = `${this.selected.size} ${labels.selected}`;
    const newer = { ids: [...this.selected], turn: selections.get(key).turn + 1 };
    selections.set(key, newer);
    this.component.setStateValue("selection", newer);
  }

  clicked(event) {
    const control = event.target.closest("button, input"), line = event.target.closest("tr[data-id]");
    if (event.target.closest("a")) return; // the browser's
    if (control?.className === "sort") this.sortBy(control.dataset.column);
    else if (control === this.pageBox) this.setSelected(this.lines, control.checked);
    else if (!line) return;
    else if (!control) this.lineClicked(line, event);
    else if (control.type === "checkbox") this.boxClicked(line, control.checked, event.shiftKey);
    else if (control.className === "mosaic") this.openMenu(line, control.getBoundingClientRect());
    else if (event.detail < 2) this.open(line); // a double click opens once
  }

  sortBy(column) {
    const [sorted, descending] = this.data.sort ?? [];
    this.tell("sort", { column, descending: column === sorted && !descending });
  }

  lineClicked(line, { detail, target }) {
    line.focus({ preventScroll: true });
    if (detail === 2 && this.lastClicked === line.dataset.id) this.open(line);
    if (detail !== 1) return;
    this.lastClicked = line.dataset.id;
    const cell = target.closest("[data-card]");
    if (cell) this.card.show(cell); // fingers don't hover
  }

  boxClicked(line, isOn, isRange) {
    const all = this.lines, start = all.find((each) => isRange && each.dataset.id === this.lastTicked) ?? line;
    const ends = [all.indexOf(start), all.indexOf(line)];
    this.lastTicked = line.dataset.id;
    this.setSelected(all.slice(Math.min(...ends), Math.max(...ends) + 1), isOn);
  }

  rightClicked(event) {
    const line = event.target.closest("tr[data-id]");
    if (!line) return;
    event.preventDefault();
    this.openMenu(line, new DOMRect(event.clientX, event.clientY));
  }

  openMenu(line, anchor) {
    const { rows, menu, labels } = this.data, { id } = line.dataset;
    const choices = rows.find((row) => row.id === id).menu.map((choice) => [choice, ...menu[choice]]);
    line.focus({ preventScroll: true });
    if (!choices.length) return;
    this.card.hide();
    this.lastClicked = null; // the second click of a double click on a choice lands on some row
    this.menu.open(id, choices, labels.row_menu, anchor);
  }

  focused(event) {
    const line = event.target.closest("tr[data-id]");
    if (!line) return;
    this.tabStop = line.dataset.id;
    this.mark();
  }

  pointed({ target }) {
    this.card.pointAt(target.closest("[data-card]"));
    const words = target.closest(".text, .note");
    if (words && words.scrollWidth > words.clientWidth) words.title = words.textContent; // cut: whole on hover
  }

  keyPressed(event) {
    const line = event.target.closest("tr[data-id]"), key = event.key === "A" ? "a" : event.key;
    if (!line || event.altKey || (event.ctrlKey || event.metaKey) !== (key === "a")) return; // Alt+Left: the browser's
    const { mode } = this.data, all = this.lines, at = all.indexOf(line);
    const isOnLine = event.target === line && !event.repeat;
    const asksMenu = key === "ContextMenu" || (key === "F10" && event.shiftKey);
    const goals = { ArrowDown: at + 1, ArrowUp: at - 1, PageDown: at + 10, PageUp: at - 10, Home: 0, End: all.length };
    if (key in goals) all[Math.max(0, Math.min(goals[key], all.length - 1))].focus();
    else if (key === "ArrowRight" || key === "ArrowLeft") this.nextCard(line, key === "ArrowRight" ? 1 : -1);
    else if (asksMenu) this.openMenu(line, line.lastChild.getBoundingClientRect());
    else if (key === "a" && mode === "multi") this.setSelected(all, true);
    else if (key === "Enter" && isOnLine) this.open(line);
    else if (key === " " && isOnLine && mode !== "none") this.setSelected([line], !this.selected.has(line.dataset.id));
    else return;
    event.preventDefault();
  }

  nextCard(line, step) {
    const cells = [...line.querySelectorAll("[data-card]")], cell = cells[cells.indexOf(this.card.cell) + step];
    if (!cell) return this.card.hide();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.card.show(cell);
  }

  escapePressed(event) {
    const { menu, card } = this;
    if (event.key !== "Escape" || !(menu.isOpen || card.cell)) return;
    event.stopImmediatePropagation();
    event.preventDefault();
    if (menu.isOpen) menu.close();
    else card.hide();
  }
}
