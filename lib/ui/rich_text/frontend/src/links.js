// Addresses a text may link to: the same as lib/domain/richtext.py keeps.
const ALLOWED = /^(https?:|mailto:|tel:)/i;
const E_MAIL = /^[^\s@/]+@[^\s@/]+\.[^\s@/]+$/;
const PHONE = /^\+?[\d .()-]{6,}$/;

export function isAllowedLink(address) {
  return ALLOWED.test(address);
}

// What a person types in the link field, as an address: "exemple.fr", "m.roy@exemple.fr" and "04 78 00 00 00" work.
export function addressFrom(typed) {
  const text = typed.trim();
  if (!text || isAllowedLink(text)) return text;
  if (E_MAIL.test(text)) return `mailto:${text}`;
  if (PHONE.test(text)) return `tel:${text.replace(/[^\d+]/g, "")}`;
  return `https://${text}`;
}
