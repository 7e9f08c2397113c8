// Images that the server keeps: `attachment:12` in the text, wherever it is saved, copied or sent; on the screen, the
// address of the route that answers them. Without this the browser would ask for "attachment:12" itself, and show nothing.
import { ResizableNodeView } from "@tiptap/core";
import Image from "@tiptap/extension-image";

const STORED = /^attachment:([0-9a-z-]{1,64})$/i;

export function addressOf(src, files) {
  const id = STORED.exec(src ?? "")?.[1];
  return id ? files + id : src;
}

// The other way: what was copied from a text that is only read holds the route's address. "" for any other image.
export function storedSource(src, files) {
  if (STORED.test(src)) return src;
  const path = src.startsWith(location.origin) ? src.slice(location.origin.length) : src;
  const stored = path.startsWith(files) ? `attachment:${path.slice(files.length)}` : "";
  return STORED.test(stored) ? stored : "";
}

// Tiptap's own view of an image, but for its address: Tiptap's sets the address anew at each change of the node.
export function storedImage(files) {
  return Image.extend({
    addNodeView() {
      return ({ node, getPos, editor }) => {
        const image = document.createElement("img");
        const show = ({ attrs: { src, alt, title } }) => {
          Object.assign(image, { alt: alt ?? "", title: title ?? "" });
          const address = addressOf(src, files);
          if (image.getAttribute("src") !== address) image.setAttribute("src", address);
        };
        show(node);
        return new ResizableNodeView({
          element: image, editor, node, getPos,
          options: { preserveAspectRatio: true },
          onResize: (width, height) => Object.assign(image.style, { width: `${width}px`, height: `${height}px` }),
          onCommit: (width, height) => {
            const at = getPos();
            if (at !== undefined) editor.chain().setNodeSelection(at).updateAttributes("image", { width, height }).run();
          },
          onUpdate: (updated) => {
            show(updated);
            return true;
          },
        });
      };
    },
  }).configure({ allowBase64: true });
}
