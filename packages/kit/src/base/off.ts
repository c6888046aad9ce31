/**
 * What a store of a part that is off throws. The table of errors would be most of the gate of the whole, so this
 * one is written out; its text and code are the table's.
 */
export function refuseOff(part: string): never {
  const hint = 'Turn it on in the config, or check `enabled` before you call it.';
  const error = new Error(`This part is off: ${part}. ${hint}`);
  throw Object.assign(error, { name: 'PlimsollError', code: 'PLIMSOLL_OFF', hint });
}
