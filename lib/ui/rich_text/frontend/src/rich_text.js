// The component `relais.rich_text`: what Streamlit imports.
import { Field } from "./field.js";

// Streamlit calls the default export again, with the same parentElement, at every change of `data` or of the theme.
const fields = new WeakMap();

export default function ({ data, parentElement, setStateValue }) {
  let field = fields.get(parentElement);
  if (field) {
    field.update(data, setStateValue);
  } else {
    field = new Field(parentElement, data, setStateValue);
    fields.set(parentElement, field);
  }
  const call = ++field.calls;

  return () => {
    // Streamlit may run the clean-up of an older call late: only the newest call's may take the field away.
    if (call !== field.calls) return;
    fields.delete(parentElement);
    field.destroy();
  };
}
