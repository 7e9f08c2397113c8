// The component `relais.f2_saves`: F2 anywhere clicks the nearest save button. Streamlit's own shortcut="F2" is ignored
// while a field or the editor has the focus, which is where one is when one saves.
const WAIT_MS = 60; // for Streamlit to take what the field that loses the focus sends

export default function ({ data }) {
  const listening = new AbortController();
  const onKey = (event) => {
    if (event.key !== "F2" || event.repeat || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return;
    const button = nearestButton(data.prefix);
    if (!button) return;
    event.preventDefault();
    event.stopImmediatePropagation(); // a page and its dialog may both listen: one click
    document.activeElement?.blur?.();
    // A run that ends meanwhile may have drawn the button again.
    setTimeout(() => (button.isConnected ? button : nearestButton(data.prefix))?.click(), WAIT_MS);
  };
  window.addEventListener("keydown", onKey, { capture: true, signal: listening.signal });
  return () => listening.abort();
}

// The save button nearest around the focus, but never one behind an open dialog.
function nearestButton(prefix) {
  const dialog = [...document.querySelectorAll('[role="dialog"]')].at(-1);
  const outermost = dialog ?? document.body;
  let scope = outermost.contains(document.activeElement) ? document.activeElement : outermost;
  for (; scope; scope = scope === outermost ? null : scope.parentElement) {
    const button = saveButtons(scope, prefix)[0];
    if (button) return button;
  }
  return null;
}

// st.button(key="save_report") stands in an element of class st-key-save_report.
function saveButtons(scope, prefix) {
  const keyed = [...scope.querySelectorAll(`[class*="st-key-${prefix}"]`)];
  return keyed
    .filter((element) => [...element.classList].some((name) => name.startsWith(`st-key-${prefix}`)))
    .map((element) => element.querySelector("button:not(:disabled)"))
    .filter((button) => button?.checkVisibility());
}
