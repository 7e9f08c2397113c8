// What people give: chosen, dropped or pasted; and what is refused before it travels.

import { fill } from "./dom.js";

const FIELDS =
  "input:not([type=checkbox], [type=radio], [type=file]), textarea, [contenteditable]:not([contenteditable=false])";

/** The files of a drop; a folder comes as a file that can't be read: { file, isFolder }. */
export function dropped(transfer) {
  const items = [...transfer.items].filter(({ kind }) => kind === "file");
  return items
    .map((item) => ({ file: item.getAsFile(), isFolder: item.webkitGetAsEntry?.()?.isDirectory ?? false }))
    .filter(({ file }) => file);
}

/**
 * The files of a paste. Excel and Word put a picture beside their text: it isn't what one means to attach, unless the
 * clipboard's HTML is nothing but an image.
 */
export function pasted(transfer) {
  const files = [...(transfer?.files ?? [])], html = files.length ? transfer.getData("text/html") : "";
  if (!html) return files;
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return body.querySelector("img") && !body.querySelector("table") && !body.textContent.trim() ? files : [];
}

/** Whether what is pasted or dropped there is meant for a field or an editor. */
export function isTyping(target) {
  return Boolean(target?.closest?.(FIELDS));
}

/** A screenshot has no name of its own: every browser calls it image.png. */
export function nameOf(file, wasPasted, pattern) {
  if (!wasPasted || !/^image\.(png|jpe?g)$/.test(file.name)) return file.name;
  const two = (number) => String(number).padStart(2, "0"), now = new Date();
  const day = [now.getFullYear(), two(now.getMonth() + 1), two(now.getDate())].join("-");
  const time = [now.getHours(), now.getMinutes(), now.getSeconds()].map(two).join(".");
  return pattern.replace("{time}", `${day} ${time}`) + file.name.slice("image".length);
}

/** Why a file can't go, as far as the browser knows; "" when it may: the server has the last word. */
export function problemOf({ file, isFolder }, { extensions, fileMaxBytes, roomBytes, labels }, pendingBytes) {
  if (isFolder) return labels.folder;
  const dot = file.name.lastIndexOf("."), extension = dot < 1 ? "" : file.name.slice(dot + 1).toLowerCase();
  if (!extensions.includes(extension)) return extension ? fill(labels.wrongType, { extension: `.${extension}` }) : labels.noType;
  if (file.size === 0) return labels.empty;
  if (file.size > fileMaxBytes) return labels.tooLarge;
  if (roomBytes !== null && pendingBytes + file.size > roomBytes) return labels.noRoom;
  return "";
}
