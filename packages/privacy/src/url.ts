/** The URL without what is personal in it: login, query and fragment. What is no URL loses what follows `?` or `#`. */
export function stripUrl(text: string): string {
  const end = text.search(/[?#]/);
  const base = end < 0 ? text : text.slice(0, end);
  return base.replace(/^([a-z][a-z0-9+.-]{0,30}:\/\/)[^/\s]*@/i, '$1');
}
