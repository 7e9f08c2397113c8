// Streamlit draws a component anew when the layout above it changes. What was typed, and the caret, survive that.
const MAX_AGE_MS = 2000;
const drafts = new Map();

export function keepDraft({ id, rev, value }, editor, { lastSent, focused }) {
  for (const [key, draft] of drafts) if (isOld(draft)) drafts.delete(key);
  const caret = focused && editor.state.selection.to;
  drafts.set(id, { rev, value, lastSent, html: editor.getHTML(), caret, at: Date.now() });
}

// The draft of this very text, if the field was here a moment ago: same field, same `rev`, and Python gives the same
// value as before, or what it received since.
export function takeDraft({ id, rev, value }) {
  const draft = drafts.get(id);
  drafts.delete(id);
  const isSame = draft && draft.rev === rev && (draft.value === value || draft.lastSent === value);
  return isSame && !isOld(draft) ? draft : null;
}

function isOld(draft) {
  return Date.now() - draft.at > MAX_AGE_MS;
}
