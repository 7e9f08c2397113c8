// One mounted field: its label, toolbar and editor, and the sending of what is typed to Python.
import { keepDraft, takeDraft } from "./drafts.js";
import { createEditor, htmlOf } from "./editor.js";
import { fill, make } from "./dom.js";
import { embedded, imageFilesOf } from "./images.js";
import { cleanPasted } from "./paste.js";
import { Toolbar } from "./toolbar.js";

const JUST_LEFT_MS = 300;

export class Field {
  calls = 0;
  timer = 0;
  leftAt = 0;
  isLarge = false;
  isTooHeavy = false;

  constructor(parent, data, setStateValue) {
    this.data = data;
    this.setStateValue = setStateValue;
    this.build(parent);
    const draft = takeDraft(data);
    if (draft) this.open(draft.html, { lastSent: draft.lastSent, focus: draft.caret });
    else this.open(data.value, { focus: data.autofocus && "end" });
    this.listen();
    this.applySettings();
  }

  // Python ran again: perhaps another text (`rev`), another height, another language.
  update(data, setStateValue) {
    const before = this.data;
    this.data = data;
    this.setStateValue = setStateValue;
    if (data.rev !== before.rev) this.open(data.value);
    if (data.lang !== before.lang) this.translate();
    this.applySettings();
  }

  destroy() {
    if (this.editor.isEditable) keepDraft(this.data, this.editor, { lastSent: this.lastSent, focused: this.hadFocus() });
    clearTimeout(this.timer);
    this.listening.abort();
    this.editor.destroy();
    this.root.remove();
  }

  // By now the element may be out of the page, and the focus gone with it: nobody has it.
  hadFocus() {
    const justLeft = performance.now() - this.leftAt < JUST_LEFT_MS;
    return justLeft && (!document.activeElement || document.activeElement === document.body);
  }

  build(parent) {
    this.caption = make("div", { class: "caption", "aria-hidden": "true" });
    this.toolbar = new Toolbar(this.data.labels, this);
    this.body = make("div", { class: "body" });
    this.message = make("div", { class: "message", role: "status" });
    this.fileInput = make("input", { type: "file", accept: "image/*", multiple: "", hidden: "", tabindex: "-1" });
    this.frame = make("div", { class: "frame" }, ...this.toolbar.bars, this.body, this.message, this.fileInput);
    this.root = make("div", { class: "relais-rich-text" }, this.caption, this.frame);
    parent.appendChild(this.root);
  }

  // A new editor for each text, so that undo never brings back another record's words.
  open(html, { lastSent, focus } = {}) {
    clearTimeout(this.timer);
    this.timer = 0;
    this.editor?.destroy();
    this.editor = createEditor({
      element: this.body,
      html: html || "",
      data: this.data,
      focus,
      onChange: () => this.sendLater(),
      onTransaction: (editor) => this.toolbar.paint(editor),
      takeFiles: (transfer) => this.takeFiles(transfer),
      cleanPasted: (pasted) => this.cleanPasted(pasted),
    });
    this.lastSent = lastSent ?? htmlOf(this.editor);
    if (htmlOf(this.editor) !== this.lastSent) this.sendLater();
  }

  applySettings() {
    const { label, height, readOnly } = this.data;
    this.caption.textContent = label;
    this.root.style.setProperty("--height", `${height}px`);
    this.root.classList.toggle("read-only", readOnly);
    if (this.editor.isEditable === readOnly) this.editor.setEditable(!readOnly, false);
    this.toolbar.paint(this.editor);
  }

  translate() {
    const toolbar = new Toolbar(this.data.labels, this);
    this.toolbar.bars.forEach((bar, position) => bar.replaceWith(toolbar.bars[position]));
    this.toolbar = toolbar;
  }

  listen() {
    this.listening = new AbortController();
    const { signal } = this.listening;
    const capture = { signal, capture: true };
    // The toolbar never takes the caret away from the text.
    this.frame.addEventListener("mousedown", (event) => {
      if (event.target.closest("button")) event.preventDefault();
    }, { signal });
    this.body.addEventListener("click", (event) => this.followLink(event), { signal });
    // A click on a save button comes after this.
    this.frame.addEventListener("focusout", (event) => {
      this.leftAt = event.relatedTarget ? 0 : performance.now();
      if (!this.frame.contains(event.relatedTarget)) this.sendNow();
    }, { signal });
    // And already on the way there: when an editor in a fragment and a widget of the page are sent in the same instant
    // (a tap), Streamlit reruns the fragment only and the page misses the click.
    for (const type of ["pointermove", "pointerdown"]) {
      document.addEventListener(type, (event) => {
        if (!this.frame.contains(event.target)) this.sendNow();
      }, capture);
    }
    this.fileInput.addEventListener("change", () => {
      this.insertImages([...this.fileInput.files]);
      this.fileInput.value = "";
    }, { signal });
    // On window and first: before the keys of Streamlit, of a dialog, of f2_saves.
    window.addEventListener("keydown", (event) => this.onKey(event), capture);
    document.addEventListener("visibilitychange", () => this.sendNow(), { signal });
    window.addEventListener("pagehide", () => this.sendNow(), { signal });
  }

  onKey(event) {
    if (event.key === "F2") this.sendNow();
    if (event.key === "Escape" && this.isLarge) {
      event.stopImmediatePropagation();
      event.preventDefault();
      this.enlarge(false);
    }
  }

  followLink(event) {
    const link = event.target.closest("a[href]");
    if (!link) return;
    event.preventDefault();
    if (!this.editor.isEditable || event.ctrlKey || event.metaKey) window.open(link.href, "_blank", "noopener");
  }

  // The popover layer is above every dialog, and the DOM does not move: caret and undo stay.
  enlarge(large) {
    this.isLarge = large;
    this.frame.classList.toggle("large", large);
    if (large) {
      this.frame.setAttribute("popover", "manual");
      this.frame.showPopover();
    } else {
      this.frame.hidePopover();
      this.frame.removeAttribute("popover");
    }
    this.editor.commands.focus();
    this.toolbar.paint(this.editor);
  }

  sendLater() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.sendNow(), this.data.pauseMs);
  }

  sendNow() {
    if (!this.timer) return;
    clearTimeout(this.timer);
    this.timer = 0;
    const html = htmlOf(this.editor);
    if (html === this.lastSent) return;
    const wasTooHeavy = this.isTooHeavy;
    this.isTooHeavy = html.length > this.data.maxSize;
    if (this.isTooHeavy) {
      this.sayTooHeavy(this.data.labels.tooHeavy);
      return;
    }
    if (wasTooHeavy) this.say("");
    this.lastSent = html;
    this.setStateValue("doc", { rev: this.data.rev, html });
  }

  // Whether the clipboard or the drop held images, which are then on their way into the text.
  takeFiles(transfer) {
    const files = imageFilesOf(transfer);
    if (files.length) this.insertImages(files);
    return files.length > 0;
  }

  cleanPasted(pasted) {
    this.say("");
    const html = cleanPasted(pasted, this.data.files, () => this.say(this.data.labels.imagesLeftOut));
    if (this.fits(html)) return html;
    this.sayTooHeavy(this.data.labels.pasteTooHeavy);
    return "";
  }

  fits(added) {
    return htmlOf(this.editor).length + added.length <= this.data.maxSize;
  }

  pickImages() {
    this.fileInput.click();
  }

  async insertImages(files) {
    this.say("");
    for (const file of files) {
      let src;
      try {
        src = await embedded(file, this.data.maxImagePx);
      } catch {
        this.say(fill(this.data.labels.unreadableImage, { name: file.name }));
        continue;
      }
      if (!this.fits(src)) {
        this.sayTooHeavy(this.data.labels.imageTooHeavy);
        return;
      }
      this.editor.chain().focus().setImage({ src, alt: file.name }).run();
    }
  }

  say(text) {
    this.message.textContent = text;
  }

  sayTooHeavy(text) {
    this.say(fill(text, { limit: Math.round(this.data.maxSize / 1e6) }));
  }
}
