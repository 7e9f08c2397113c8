// The component `relais.f2_saves`: F2 anywhere clicks the nearest save button. Streamlit's own shortcut="F2" is ignored
// while a field or the editor has the focus, which is where one is when one saves.
const KEYED = "st-key-save"; // st.button(key="save_report") stands in an element of class st-key-save_report
const WAIT_MS = 60; // for Streamlit to take what the field that loses the focus sends
const LOOK_MS = 1500; // a run under way may be about to draw the button, or to draw it again elsewhere

export default function () {
  const listening = new AbortController();
  let isLooking = false;
  const onKey = async (event) => {
    if (event.key !== "F2" || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (isLooking) return;
    isLooking = true;
    const until = performance.now() + LOOK_MS;
    let button = nearestButton();
    while (!button && performance.now() < until) {
      await pause();
      button = nearestButton();
    }
    if (button) {
      document.activeElement?.blur?.();
      await pause();
      (button.isConnected ? button : nearestButton())?.click();
    }
    isLooking = false;
  };
  window.addEventListener("keydown", onKey, { capture: true, signal: listening.signal });
  return () => listening.abort();
}

const pause = () => new Promise((done) => setTimeout(done, WAIT_MS));

// The save button nearest around the focus, but never one behind an open dialog.
function nearestButton() {
  const dialog = [...document.querySelectorAll('[role="dialog"]')].at(-1);
  const outermost = dialog ?? document.body;
  let scope = outermost.contains(document.activeElement) ? document.activeElement : outermost;
  for (; scope; scope = scope === outermost ? null : scope.parentElement) {
    const button = saveButtons(scope)[0];
    if (button) return button;
  }
  return null;
}

function saveButtons(scope) {
  const keyed = [...scope.querySelectorAll(`[class*="${KEYED}"]`)];
  return keyed
    .filter((element) => [...element.classList].some((name) => name.startsWith(KEYED)))
    .map((element) => element.querySelector("button:not(:disabled)"))
    .filter((button) => button?.checkVisibility());
}
