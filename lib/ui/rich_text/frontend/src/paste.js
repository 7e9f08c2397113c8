// What other programs put on the clipboard, made plain before the editor reads it.
import { storedSource } from "./stored_images.js";

const EMBEDDED_IMAGE = /^data:image\/(png|jpeg|gif|webp);base64,/i;
const WORD_LIST_ITEM = /mso-list:\s*l\d+\s+level(\d+)/i;
const WORD_LIST_MARKER = /mso-list:\s*ignore/i;
const NUMBERED = /^\s*(\d+|[a-z]|[ivx]+)[.)]/i;

export function cleanPasted(html, files, onImageLeftOut) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  removeForeignImages(body, files, onImageLeftOut);
  rebuildWordLists(body);
  return body.innerHTML;
}

// Images of a web site or of a file beside the document would call home or show nothing; those of our texts go along.
function removeForeignImages(body, files, onImageLeftOut) {
  for (const image of body.querySelectorAll("img")) {
    const src = image.getAttribute("src") ?? "", stored = storedSource(src, files);
    if (stored) image.setAttribute("src", stored);
    if (stored || EMBEDDED_IMAGE.test(src)) continue;
    image.remove();
    onImageLeftOut();
  }
}

// Word writes list items as paragraphs that bear a level in their style, and their bullet or number as text.
function rebuildWordLists(body) {
  let open = []; // the lists around the current item, outermost first: {list, level}
  for (const paragraph of body.querySelectorAll("p")) {
    const level = Number(WORD_LIST_ITEM.exec(styleOf(paragraph))?.[1] ?? 0);
    if (!level) {
      open = [];
      continue;
    }
    const tag = takeMarker(paragraph);
    if (open.length && open[0].list.nextElementSibling !== paragraph) open = [];
    while (open.length && open.at(-1).level > level) open.pop();
    if (!open.length || open.at(-1).level < level) open.push(startList(tag, level, paragraph, open.at(-1)));
    moveInto(open.at(-1).list, paragraph);
  }
}

function takeMarker(paragraph) {
  const marker = [...paragraph.querySelectorAll("span")].find((span) => WORD_LIST_MARKER.test(styleOf(span)));
  const tag = NUMBERED.test(marker?.textContent ?? "") ? "ol" : "ul";
  marker?.remove();
  return tag;
}

function startList(tag, level, paragraph, parent) {
  const list = document.createElement(tag);
  if (parent) parent.list.lastElementChild.append(list);
  else paragraph.before(list);
  return { list, level };
}

function moveInto(list, paragraph) {
  const item = document.createElement("li");
  const text = document.createElement("p");
  text.append(...paragraph.childNodes);
  item.append(text);
  list.append(item);
  paragraph.remove();
}

function styleOf(element) {
  return element.getAttribute("style") ?? "";
}
