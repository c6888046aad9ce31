/** Characters that a JSON string must escape: controls, quote, backslash; and surrogates, which may stand alone. */
const ESCAPED = /[\u0000-\u001f"\\\ud800-\udfff]/;

/** A JSON string literal, always valid; a lone surrogate becomes U+FFFD. */
export function quote(text: string): string {
  return ESCAPED.test(text) ? JSON.stringify(text.toWellFormed()) : `"${text}"`;
}
