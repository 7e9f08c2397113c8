// Where files are given: a zone with a button, and a line for each file on its way. Plain DOM, no dependency, no build.

import { fill, make, makeButton, makeIcon } from "./dom.js";
import { dropped, isTyping, nameOf, pasted, problemOf } from "./intake.js";
import { transfersOf } from "./transfers.js";

const FADES_AFTER_MS = 500; // browsers send dragover again within 350 ms, as long as it lasts

const uploaders = new WeakMap(); // parentElement -> Uploader: Streamlit calls again at each new data or theme

export default function (component) {
  const { parentElement } = component;
  if (!uploaders.has(parentElement)) uploaders.set(parentElement, new Uploader(parentElement));
  const uploader = uploaders.get(parentElement);
  const call = uploader.update(component);
  return () => {
    if (call === uploader.calls && uploaders.delete(parentElement)) uploader.remove(); // a late cleanup is an older call's
  };
}

class Uploader {
  calls = 0;
  life = new AbortController();
  lines = new Map(); // transfer -> its elements

  constructor(parentElement) {
    this.picker = make("input", { type: "file", multiple: true, hidden: true, tabIndex: -1 });
    this.hint = make("span", { className: "hint" });
    this.limits = make("div", { className: "limits" });
    this.zone = make("div", { className: "zone" });
    this.list = make("ul", { className: "files" });
    this.news = make("div", { className: "unseen", role: "status" });
    this.root = make("div", { className: "relais-uploader" }, this.zone, this.list, this.picker, this.news);
    parentElement.append(this.root);
    this.listen(this.life.signal);
  }

  listen(signal) {
    this.picker.addEventListener("change", () => {
      this.take([...this.picker.files].map((file) => ({ file })));
      this.picker.value = ""; // or the same file, chosen again, would change nothing
    }, { signal });
    document.addEventListener("paste", (event) => this.pastedAnywhere(event), { signal });
    for (const type of ["dragover", "drop"])
      document.addEventListener(type, (event) => this.dragged(event), { signal });
  }

  remove() {
    this.life.abort();
    if (this.transfers?.view === this) this.transfers.view = null;
    this.root.remove();
  }

  // ---- drawing

  update({ data, setStateValue }) {
    const { key, address, labels } = data;
    if (JSON.stringify(labels) !== JSON.stringify(this.data?.labels)) this.drawZone(data);
    this.data = data;
    this.tell = (value) => setStateValue("done", value);
    this.transfers = transfersOf(key);
    Object.assign(this.transfers, { view: this, address, labels });
    this.limits.textContent = data.limits;
    this.picker.accept = data.extensions.map((extension) => `.${extension}`).join(",");
    this.draw();
    return ++this.calls;
  }

  drawZone({ labels }) {
    this.hint.textContent = labels.hint;
    this.zone.replaceChildren(
      makeIcon("upload_file"), makeButton("add", labels.choose, () => this.picker.click()), this.hint, this.limits,
    );
    this.list.ariaLabel = labels.files;
    for (const line of this.lines.values()) line.remove(); // in the other language from now on
    this.lines.clear();
  }

  draw() {
    const { list } = this.transfers;
    for (const [transfer, line] of this.lines)
      if (!list.includes(transfer)) {
        line.remove();
        this.lines.delete(transfer);
      }
    for (const transfer of list) this.drawLine(transfer);
  }

  drawLine(transfer) {
    const { name, file, state, sent, problem } = transfer;
    let line = this.lines.get(transfer);
    if (!line || line.dataset.state !== state) {
      const drawn = this.line(transfer);
      line ? line.replaceWith(drawn) : this.list.append(drawn);
      if (line?.contains(document.activeElement)) drawn.querySelector("button")?.focus();
      this.lines.set(transfer, drawn);
      line = drawn;
    }
    const share = file.size ? sent / file.size : 0;
    const isChecked = state === "sending" && share === 1; // all is there, and the server is looking at it
    const bar = line.querySelector("progress");
    if (bar) isChecked ? bar.removeAttribute("value") : (bar.value = share);
    const told = isChecked ? this.data.labels.checking : state === "sending" ? this.percent.format(share) : problem;
    line.querySelector(".state").textContent = told || this.data.labels[state];
  }

  line(transfer) {
    const { name, file, state } = transfer, { labels } = this.data;
    const icons = { waiting: "schedule", sending: "upload", done: "check_circle", refused: "error", lost: "cloud_off" };
    const isPending = state === "waiting" || state === "sending";
    const buttons = [
      ...(state === "lost" ? [makeButton("refresh", labels.retry, () => this.transfers.retry(transfer))] : []),
      ...(state === "done" ? [] : [
        makeButton("close", fill(isPending ? labels.cancel : labels.dismiss, { name }), () => this.drop(transfer), {
          isQuiet: true,
        }),
      ]),
    ];
    const line = make("li", {},
      makeIcon(icons[state]),
      make("span", { className: "name", title: name }, name),
      make("span", { className: "size" }, this.size(file.size)),
      ...(isPending ? [make("progress", { max: 1, value: 0, ariaLabel: name })] : []),
      make("span", { className: "state" }),
      ...buttons,
    );
    line.dataset.state = state;
    return line;
  }

  drop(transfer) {
    this.transfers.drop(transfer);
    this.zone.querySelector("button").focus();
  }

  announce(name, words) {
    this.news.textContent = `${name}: ${words}`;
  }

  get percent() {
    return new Intl.NumberFormat(this.data.lang, { style: "percent" });
  }

  size(bytes) {
    const units = ["kilobyte", "megabyte", "gigabyte"], at = bytes < 1e6 ? 0 : bytes < 1e9 ? 1 : 2;
    const value = at ? bytes / 1e3 ** (at + 1) : Math.ceil(bytes / 1e3);
    const options = { style: "unit", unit: units[at], maximumFractionDigits: value < 10 && at ? 1 : 0 };
    return new Intl.NumberFormat(this.data.lang, options).format(value);
  }

  // ---- what the user gives

  take(found, { wasPasted = false } = {}) {
    for (const each of found) {
      const problem = problemOf(each, this.data, this.transfers.pendingBytes);
      this.transfers.add(each.file, nameOf(each.file, wasPasted, this.data.labels.pasted), problem);
    }
  }

  /** Anywhere on the page, but never what is meant for a field or an editor, nor from behind a dialog. */
  pastedAnywhere(event) {
    const target = document.activeElement ?? event.target;
    if (event.defaultPrevented || isTyping(event.target) || isTyping(target) || !this.isInFront()) return;
    const files = pasted(event.clipboardData);
    if (!files.length) return;
    event.preventDefault();
    this.take(files.map((file) => ({ file })), { wasPasted: true });
  }

  isInFront() {
    const dialog = [...document.querySelectorAll('[role="dialog"]')].at(-1);
    return this.root.checkVisibility() && (!dialog || dialog.contains(this.root));
  }

  /** Files dragged over the page light the zone up, and dropped beside it they don't replace the page. */
  dragged(event) {
    const hasFiles = event.dataTransfer?.types.includes("Files");
    if (!hasFiles || isTyping(event.target) || !this.isInFront()) return;
    const isInside = this.root.contains(event.target), isDrop = event.type === "drop";
    if (isInside || !event.defaultPrevented) event.dataTransfer.dropEffect = isInside ? "copy" : "none";
    event.preventDefault();
    clearTimeout(this.fading);
    this.fading = setTimeout(() => this.light(false), isDrop ? 0 : FADES_AFTER_MS);
    this.light(!isDrop, isInside);
    if (isDrop && isInside) this.take(dropped(event.dataTransfer));
  }

  light(isWaiting, isInside = false) {
    this.zone.classList.toggle("waits", isWaiting);
    this.zone.classList.toggle("takes", isWaiting && isInside);
  }
}
