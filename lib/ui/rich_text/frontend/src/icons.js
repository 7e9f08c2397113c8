const PATHS = {
  bold: '<path d="M7 5h6a3.5 3.5 0 0 1 0 7H7zM7 12h7a3.5 3.5 0 0 1 0 7H7z"/>',
  italic: '<path d="M10 5h7M7 19h7M14 5l-4 14"/>',
  underline: '<path d="M7 4v7a5 5 0 0 0 10 0V4M5 20h14"/>',
  strike: '<path d="M4 12h16M16.5 7.5C16 6 14.3 5 12 5 9.5 5 7.5 6.3 7.5 8.5c0 1.5 1 2.6 3 3.5"/>' +
    '<path d="M7.5 16.5C8 18 9.7 19 12 19c2.5 0 4.5-1.3 4.5-3.5 0-1.5-1-2.6-3-3.5"/>',
  bulletList: '<path d="M9 6h11M9 12h11M9 18h11"/><circle cx="4" cy="6" r="1"/><circle cx="4" cy="12" r="1"/>' +
    '<circle cx="4" cy="18" r="1"/>',
  orderedList: '<path d="M10 6h10M10 12h10M10 18h10M4 4v4M3 8h2M3 14h2.5L3 18h2.5"/>',
  blockquote: '<path d="M5 5v14M10 8h10M10 12h10M10 16h6"/>',
  link: '<path d="M10 14a4 4 0 0 0 6 0l3-3a4 4 0 0 0-6-6l-1 1M14 10a4 4 0 0 0-6 0l-3 3a4 4 0 0 0 6 6l1-1"/>',
  image: '<rect x="3" y="4" width="18" height="16" rx="2"/><circle cx="9" cy="10" r="1.5"/><path d="m21 17-5-5-8 8"/>',
  insertTable: '<rect x="3" y="4" width="18" height="16" rx="1"/><path d="M3 10h18M3 15h18M9 4v16M15 4v16"/>',
  clearFormat: '<path d="M6 5h12M11 5l-2 14M4 20 20 14"/>',
  undo: '<path d="M4 10h11a5 5 0 0 1 0 10h-4M8 6l-4 4 4 4"/>',
  redo: '<path d="M20 10H9a5 5 0 0 0 0 10h4M16 6l4 4-4 4"/>',
  enlarge: '<path d="M14 4h6v6M20 4l-7 7M10 20H4v-6M4 20l7-7"/>',
};

export function icon(name) {
  const template = document.createElement("template");
  template.innerHTML =
    '<svg viewBox="0 0 24 24" width="16" height="16" fill="none" stroke="currentColor" stroke-width="2" ' +
    `stroke-linecap="round" stroke-linejoin="round" aria-hidden="true">${PATHS[name]}</svg>`;
  return template.content;
}
