// The three bars above the text: formats, the address of a link, the table under the caret.
import { make } from "./dom.js";
import { HEADING_LEVELS } from "./editor.js";
import { icon } from "./icons.js";
import { addressFrom } from "./links.js";

const GROUPS = [
  ["bold", "italic", "underline", "strike"],
  ["bulletList", "orderedList", "blockquote"],
  ["link", "image", "insertTable"],
  ["clearFormat", "undo", "redo"],
];
const TABLE_BUTTONS = [
  "addRowAfter",
  "addColumnAfter",
  "deleteRow",
  "deleteColumn",
  "mergeOrSplit",
  "toggleHeaderRow",
  "deleteTable",
];
// Pressed while the caret stands in such a format.
const FORMATS = ["bold", "italic", "underline", "strike", "bulletList", "orderedList", "blockquote", "link"];

const COMMANDS = {
  bold: (chain) => chain.toggleBold(),
  italic: (chain) => chain.toggleItalic(),
  underline: (chain) => chain.toggleUnderline(),
  strike: (chain) => chain.toggleStrike(),
  bulletList: (chain) => chain.toggleBulletList(),
  orderedList: (chain) => chain.toggleOrderedList(),
  blockquote: (chain) => chain.toggleBlockquote(),
  insertTable: (chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true }),
  clearFormat: (chain) => chain.unsetAllMarks().clearNodes(),
  undo: (chain) => chain.undo(),
  redo: (chain) => chain.redo(),
  addRowAfter: (chain) => chain.addRowAfter(),
  addColumnAfter: (chain) => chain.addColumnAfter(),
  deleteRow: (chain) => chain.deleteRow(),
  deleteColumn: (chain) => chain.deleteColumn(),
  mergeOrSplit: (chain) => chain.mergeOrSplit(),
  toggleHeaderRow: (chain) => chain.toggleHeaderRow(),
  deleteTable: (chain) => chain.deleteTable(),
};

export class Toolbar {
  // `labels` gives each button's title; `field` is the Field it serves.
  constructor(labels, field) {
    this.labels = labels;
    this.field = field;
    this.buttons = {};
    this.bars = [this.buildMain(), this.buildLink(), this.buildTable()];
  }

  buildMain() {
    this.style = this.buildStyle();
    const groups = GROUPS.flatMap((names) => [...names.map((name) => this.iconButton(name)), separator()]);
    groups.pop();
    const space = make("span", { class: "space" });
    const bar = make("div", { class: "bar main", role: "toolbar", "aria-label": this.labels.toolbar });
    bar.append(this.style, separator(), ...groups, space, this.iconButton("enlarge"));
    makeOneTabStop(bar, () => this.field.editor.commands.focus());
    this.main = bar;
    return bar;
  }

  buildStyle() {
    const { paragraph, heading, paragraphStyle } = this.labels;
    const select = make("select", { "aria-label": paragraphStyle, title: paragraphStyle });
    select.append(make("option", { value: 0 }, paragraph));
    for (const level of HEADING_LEVELS) select.append(make("option", { value: level }, `${heading} ${level}`));
    select.addEventListener("change", () => {
      const level = Number(select.value);
      const chain = this.field.editor.chain().focus();
      (level ? chain.setHeading({ level }) : chain.setParagraph()).run();
    });
    return select;
  }

  buildLink() {
    const { linkAddress, linkApply, linkRemove } = this.labels;
    this.address = make("input", { type: "text", placeholder: "https://…", "aria-label": linkAddress });
    this.address.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      event.preventDefault();
      event.stopPropagation(); // Enter would submit the form around, Escape close the dialog around
      if (event.key === "Enter") this.applyLink(this.address.value);
      else this.closeLink();
    });
    const apply = make("button", { type: "button" }, linkApply);
    apply.addEventListener("click", () => this.applyLink(this.address.value));
    const remove = make("button", { type: "button" }, linkRemove);
    remove.addEventListener("click", () => this.applyLink(""));
    this.linkBar = make("div", { class: "bar link", hidden: "" }, this.address, apply, remove);
    return this.linkBar;
  }

  buildTable() {
    const { table } = this.labels;
    this.tableBar = make("div", { class: "bar table", role: "toolbar", "aria-label": table, hidden: "" }, `${table} :`);
    for (const name of TABLE_BUTTONS) this.tableBar.append(this.button(name, this.labels.short[name]));
    makeOneTabStop(this.tableBar, () => this.field.editor.commands.focus());
    return this.tableBar;
  }

  iconButton(name) {
    return this.button(name, icon(name));
  }

  button(name, content) {
    const title = this.labels[name];
    const button = make("button", { type: "button", "data-command": name, title, "aria-label": title }, content);
    button.addEventListener("click", () => this.run(name));
    this.buttons[name] = button;
    return button;
  }

  run(name) {
    if (name === "link") this.toggleLink();
    else if (name === "image") this.field.pickImages();
    else if (name === "enlarge") this.field.enlarge(!this.field.isLarge);
    else COMMANDS[name](this.field.editor.chain().focus()).run();
  }

  // Shows where the caret stands.
  paint(editor) {
    for (const name of FORMATS) press(this.buttons[name], editor.isActive(name));
    press(this.buttons.enlarge, this.field.isLarge);
    this.buttons.undo.disabled = !editor.can().undo();
    this.buttons.redo.disabled = !editor.can().redo();
    this.style.value = HEADING_LEVELS.find((level) => editor.isActive("heading", { level })) ?? 0;
    this.tableBar.hidden = !(editor.isEditable && editor.isActive("table"));
  }

  toggleLink() {
    if (!this.linkBar.hidden) {
      this.closeLink();
      return;
    }
    this.linkBar.hidden = false;
    this.address.value = this.field.editor.getAttributes("link").href ?? "";
    this.address.focus();
  }

  closeLink() {
    this.linkBar.hidden = true;
    this.field.editor.commands.focus();
  }

  applyLink(typed) {
    const editor = this.field.editor;
    const href = addressFrom(typed);
    const isNew = editor.state.selection.empty && !editor.isActive("link");
    const chain = editor.chain().focus().extendMarkRange("link");
    if (!href) chain.unsetLink().run();
    else if (isNew) chain.insertContent({ type: "text", text: typed.trim(), marks: [linkTo(href)] }).run();
    else chain.setLink({ href }).run();
    this.linkBar.hidden = true;
  }
}

function linkTo(href) {
  return { type: "link", attrs: { href } };
}

function separator() {
  return make("span", { class: "separator" });
}

function press(button, pressed) {
  button.setAttribute("aria-pressed", pressed);
}

// Tab reaches a toolbar once; arrows move inside it, Escape goes back to the text.
function makeOneTabStop(bar, leave) {
  const controls = () => [...bar.querySelectorAll("button, select")];
  controls().forEach((control, position) => (control.tabIndex = position ? -1 : 0));
  bar.addEventListener("keydown", (event) => {
    if (event.key === "Escape") {
      event.stopPropagation();
      leave();
      return;
    }
    const usable = controls().filter((control) => !control.disabled);
    const target = { ArrowRight: +1, ArrowLeft: -1, Home: -Infinity, End: +Infinity }[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const position = usable.indexOf(document.activeElement) + target;
    usable[Math.max(0, Math.min(position, usable.length - 1))].focus();
  });
  bar.addEventListener("focusin", (event) => {
    for (const control of controls()) control.tabIndex = control === event.target ? 0 : -1;
  });
}
