// The Tiptap editor itself: which formats exist, how pasting and links behave.
import { Editor } from "@tiptap/core";
import { TableKit } from "@tiptap/extension-table";
import { Placeholder } from "@tiptap/extensions";
import StarterKit from "@tiptap/starter-kit";

import { isAllowedLink } from "./links.js";
import { storedImage } from "./stored_images.js";

export const HEADING_LEVELS = [1, 2, 3];

export function createEditor({ element, html, data, focus, onChange, onTransaction, takeFiles, cleanPasted }) {
  return new Editor({
    element,
    content: html,
    editable: !data.readOnly,
    autofocus: focus || false,
    extensions: extensions(data),
    editorProps: {
      attributes: {
        lang: data.lang,
        spellcheck: "true",
        role: "textbox",
        "aria-multiline": "true",
        "aria-label": data.label,
      },
      transformPastedHTML: cleanPasted,
      handlePaste: (_view, event) => takeFiles(event.clipboardData),
      handleDrop: (_view, event) => {
        const taken = takeFiles(event.dataTransfer);
        if (taken) event.preventDefault();
        return taken;
      },
    },
    onUpdate: onChange,
    onTransaction: ({ editor }) => onTransaction(editor),
  });
}

// Not Tiptap's isEmpty, to which a table just inserted is empty too: it would be lost when the field is drawn anew.
export function htmlOf(editor) {
  const { doc } = editor.state;
  const blank = doc.childCount === 1 && doc.firstChild.type.name === "paragraph" && doc.firstChild.content.size === 0;
  return blank ? "" : editor.getHTML();
}

function extensions(data) {
  return [
    StarterKit.configure({
      heading: { levels: HEADING_LEVELS },
      link: {
        openOnClick: false,
        defaultProtocol: "https",
        isAllowedUri: isAllowedLink,
        HTMLAttributes: { rel: "noopener noreferrer", target: "_blank" },
      },
    }),
    storedImage(data.files),
    TableKit.configure({ table: { resizable: true } }),
    Placeholder.configure({ placeholder: data.placeholder }),
  ];
}
