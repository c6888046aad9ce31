/** Characters that a JSON string must escape: controls, quote, backslash; and surrogates, which may stand alone. */
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** A JSON string literal, always valid; a lone surrogate becomes U+FFFD. */
export function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}

/**
 * The same text in one piece. V8 joins strings as a tree, and whoever writes the tree out walks it: a text that is made
 * once and written often is better flat.
 */
export function flat(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}
