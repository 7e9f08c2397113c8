// The component `relais.planning`: what Streamlit imports.
import { Board } from "./board.js";
import css from "./planning.css";

// Adopted once for the page: a stylesheet of the component would load late at each mount, and take the scroll with it.
const sheet = new CSSStyleSheet();
sheet.replaceSync(css);
document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];

// Streamlit mounts a component anew when something appears above it. The same board, with its calendar, its scroll and
// its unanswered gestures, is then put into the new place.
const KEEP_MS = 3000;
const boards = new Map(); // Python's key -> Board

export default function ({ data, parentElement, setStateValue }) {
  const board = boardFor(data, setStateValue);
  const call = ++board.calls;
  clearTimeout(board.leaving);
  if (board.parent !== parentElement || !board.root.isConnected) {
    board.parent = parentElement;
    parentElement.append(board.root);
    restoreScroll(board);
  }
  board.update(data, setStateValue);
  return () => {
    if (call !== board.calls) return; // the clean-up of an older call may run late
    board.unmounted();
    board.leaving = setTimeout(() => forget(board), KEEP_MS);
  };
}

function boardFor(data, setStateValue) {
  const { key, mode, language } = data;
  const known = boards.get(key);
  if (known && known.data.mode === mode && known.data.language === language) return known;
  if (known) forget(known);
  const board = new Board(data, setStateValue);
  boards.set(key, board);
  return board;
}

function forget(board) {
  clearTimeout(board.leaving);
  board.destroy();
  if (boards.get(board.data.key) === board) boards.delete(board.data.key);
}

// Out of the page an element forgets its scroll; the calendar sets its own in the first frames after.
document.addEventListener("scroll", ({ target }) => {
  if (!target.classList?.contains("ec-main")) return;
  for (const board of boards.values())
    if (board.root.contains(target)) board.scroll = [target.scrollLeft, target.scrollTop];
}, true);

function restoreScroll(board, frames = 5) {
  const main = board.root.querySelector(".ec-main");
  if (!board.scroll || !main) return;
  main.scrollTo(...board.scroll);
  if (frames) requestAnimationFrame(() => restoreScroll(board, frames - 1));
}
