interface Slot<T> {
  readonly bytes: Uint8Array;
  readonly value: T;
}

/** What was made of bytes that came before. One place for each hash, and the latest takes it: nothing grows. */
export class ByteTable<T> {
  readonly #slots: (Slot<T> | undefined)[];
  readonly #mask: number;

  /** `size` is a power of two. */
  constructor(size: number) {
    this.#slots = new Array<Slot<T> | undefined>(size).fill(undefined);
    this.#mask = size - 1;
  }

  get(bytes: Uint8Array, start: number, end: number): T | undefined {
    const slot = this.#slots[hash(bytes, start, end) & this.#mask];
    if (slot === undefined) return undefined;
    const known = slot.bytes;
    const size = end - start;
    if (known.length !== size) return undefined;
    for (let i = 0; i < size; i++) if (known[i] !== bytes[start + i]) return undefined;
    return slot.value;
  }

  set(bytes: Uint8Array, start: number, end: number, value: T): void {
    this.#slots[hash(bytes, start, end) & this.#mask] = { bytes: bytes.slice(start, end), value };
  }
}

/** FNV-1a over both ends: what differs in the middle alone pushes itself out, and costs no more than being new. */
function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5 ^ (end - start);
  const head = end - start <= 16 ? end : start + 8;
  for (let i = start; i < head; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  if (head !== end) for (let i = end - 8; i < end; i++) h = Math.imul(h ^ bytes[i]!, 0x01000193);
  return (h ^ (h >>> 15)) >>> 0;
}
