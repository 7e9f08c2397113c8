// Images live in the text, as data: addresses, until the text is saved.
const KEPT_AS_THEY_ARE = /^image\/(png|jpeg|gif|webp)$/;
const SMALL_BYTES = 300 * 1024;
const JPEG_QUALITY = 0.85;

// The file as a data: address; photos become JPEG of at most `maxPx` a side, small files stay untouched.
export async function embedded(file, maxPx) {
  const bitmap = await createImageBitmap(file);
  const scale = Math.min(1, maxPx / Math.max(bitmap.width, bitmap.height));
  if (scale === 1 && file.size <= SMALL_BYTES && KEPT_AS_THEY_ARE.test(file.type)) return dataAddress(file);
  return shrunk(bitmap, scale);
}

// The image files of a paste or a drop. Excel and Word put a picture beside their HTML: files count only when the HTML
// is nothing but one image.
export function imageFilesOf(transfer) {
  const files = [...(transfer?.files ?? [])].filter((file) => file.type.startsWith("image/"));
  const html = files.length ? transfer.getData("text/html") : "";
  return html && !isOneImage(html) ? [] : files;
}

function isOneImage(html) {
  const { body } = new DOMParser().parseFromString(html, "text/html");
  return body.querySelector("img") && !body.querySelector("table") && !body.textContent.trim();
}

function dataAddress(file) {
  return new Promise((resolve, reject) => {
    const reader = new FileReader();
    reader.onload = () => resolve(reader.result);
    reader.onerror = () => reject(reader.error);
    reader.readAsDataURL(file);
  });
}

function shrunk(bitmap, scale) {
  const canvas = document.createElement("canvas");
  canvas.width = Math.max(1, Math.round(bitmap.width * scale));
  canvas.height = Math.max(1, Math.round(bitmap.height * scale));
  const context = canvas.getContext("2d");
  context.fillStyle = "#fff"; // JPEG has no transparency: black otherwise
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  return canvas.toDataURL("image/jpeg", JPEG_QUALITY);
}
