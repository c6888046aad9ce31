import {
  DOUBLE,
  type DuckDBAppender,
  DuckDBDataChunk,
  UBIGINT,
  UINTEGER,
  USMALLINT,
  UTINYINT,
  VARCHAR,
} from '@duckdb/node-api';
import duckdb from '@duckdb/node-bindings';

/** DuckDB's vector size: the most rows of one chunk. */
const ROWS = 2048;

type Numbers = Float64Array | BigUint64Array | Uint32Array | Uint16Array | Uint8Array;
type Vector = Parameters<typeof duckdb.copy_data_to_vector>[0];

/** One column of the chunk that is being filled. */
export interface Column {
  setItem(row: number, value: string | number | bigint): void;
  /** Rows from `at` on, taken from `from`. */
  setRange(at: number, values: Numbers | readonly string[], from: number, count: number): void;
  fill(at: number, value: number, count: number): void;
  flush(rows: number): void;
}

const TYPES = {
  double: { type: DOUBLE, array: Float64Array },
  id: { type: UBIGINT, array: BigUint64Array },
  u32: { type: UINTEGER, array: Uint32Array },
  u16: { type: USMALLINT, array: Uint16Array },
  u8: { type: UTINYINT, array: Uint8Array },
  text: { type: VARCHAR, array: undefined },
} as const;

/**
 * Rows on their way into a table, a column at a time: a third cheaper than the appender's call per value, and columns
 * that are there as columns are copied as a whole. Every column of a row must be set, since a chunk keeps what stood
 * there before.
 */
export class Table {
  readonly name: string;
  /** In the table's order. */
  readonly columns: readonly Column[];
  readonly #chunk: DuckDBDataChunk;
  #appender: DuckDBAppender | undefined;
  #row = 0;

  constructor(name: string, types: readonly (keyof typeof TYPES)[]) {
    this.name = name;
    this.#chunk = DuckDBDataChunk.create(types.map(type => TYPES[type].type));
    const { chunk } = this.#chunk as unknown as { chunk: Parameters<typeof duckdb.data_chunk_get_vector>[0] };
    this.columns = types.map((type, i) => {
      const vector = () => duckdb.data_chunk_get_vector(chunk, i);
      const { array } = TYPES[type];
      return array === undefined ? new TextColumn(vector) : new NumberColumn(vector, new array(ROWS));
    });
  }

  get open(): boolean {
    return this.#appender !== undefined;
  }

  begin(appender: DuckDBAppender): void {
    this.#appender = appender;
    this.#row = 0;
  }

  /** The number of the row to set in each column. */
  next(): number {
    if (this.#row === ROWS) this.#send();
    return this.#row++;
  }

  /** Rows from `at` on to set in each column: as many of `wanted` as the chunk has room for. */
  reserve(wanted: number): { readonly at: number; readonly count: number } {
    if (this.#row === ROWS) this.#send();
    const at = this.#row;
    const count = Math.min(wanted, ROWS - at);
    this.#row += count;
    return { at, count };
  }

  /** Hands the rest over; the transaction has them then. */
  end(): void {
    if (this.#row > 0) this.#send();
    this.#appender?.closeSync();
    this.#appender = undefined;
  }

  /** Forgets what was not handed over, after an error. */
  drop(): void {
    try {
      this.#appender?.clear();
      this.#appender?.closeSync();
    } catch {
      // The error before this one is the one to tell.
    }
    this.#appender = undefined;
  }

  #send(): void {
    this.#chunk.reset();
    this.#chunk.rowCount = this.#row;
    for (const column of this.columns) column.flush(this.#row);
    this.#appender?.appendDataChunk(this.#chunk);
    this.#row = 0;
  }
}

class NumberColumn implements Column {
  readonly #vector: () => Vector;
  readonly #items: Numbers;

  constructor(vector: () => Vector, items: Numbers) {
    this.#vector = vector;
    this.#items = items;
  }

  setItem(row: number, value: number | bigint): void {
    this.#items[row] = value as number;
  }

  setRange(at: number, values: Numbers, from: number, count: number): void {
    (this.#items as Float64Array).set((values as Float64Array).subarray(from, from + count), at);
  }

  fill(at: number, value: number, count: number): void {
    (this.#items as Float64Array).fill(value, at, at + count);
  }

  flush(rows: number): void {
    const { buffer, byteOffset, BYTES_PER_ELEMENT } = this.#items;
    duckdb.copy_data_to_vector(
      this.#vector(),
      0,
      buffer as ArrayBuffer,
      byteOffset,
      rows * BYTES_PER_ELEMENT,
    );
  }
}

/** Up to here a text stands in the vector itself: its length in 32 bits, its bytes, and zeros. */
const INLINE = 12;
const SLOT = 16;

/**
 * Texts. Short ones are written as DuckDB keeps them, and all of them are copied in one call; a call for each costs
 * more than the rest of the row.
 */
class TextColumn implements Column {
  readonly #vector: () => Vector;
  readonly #words = new Uint32Array((ROWS * SLOT) / 4);
  readonly #bytes = new Uint8Array(this.#words.buffer);
  readonly #long: (string | undefined)[] = new Array<string | undefined>(ROWS).fill(undefined);

  constructor(vector: () => Vector) {
    this.#vector = vector;
  }

  setItem(row: number, text: string): void {
    const word = row * 4;
    const words = this.#words;
    words[word] = 0;
    words[word + 1] = 0;
    words[word + 2] = 0;
    words[word + 3] = 0;
    this.#long[row] = text.length > INLINE || !this.#inline(row, text) ? text : undefined;
  }

  setRange(at: number, values: readonly string[], from: number, count: number): void {
    for (let i = 0; i < count; i++) this.setItem(at + i, values[from + i]!);
  }

  fill(at: number, value: number, count: number): void {
    for (let i = 0; i < count; i++) this.setItem(at + i, String(value));
  }

  flush(rows: number): void {
    const vector = this.#vector();
    duckdb.copy_data_to_vector(vector, 0, this.#words.buffer, 0, rows * SLOT);
    const long = this.#long;
    for (let row = 0; row < rows; row++) {
      const text = long[row];
      if (text === undefined) continue;
      duckdb.vector_assign_string_element(vector, row, text);
      long[row] = undefined;
    }
  }

  /** False for a text that is not ASCII, or has a NUL in it. */
  #inline(row: number, text: string): boolean {
    const at = row * SLOT + 4;
    const bytes = this.#bytes;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code > 127 || code === 0) {
        bytes.fill(0, at, at + INLINE);
        return false;
      }
      bytes[at + i] = code;
    }
    this.#words[row * 4] = text.length;
    return true;
  }
}
