const MAX_LINES = 500;
const MAX_CHARS = 1024 * 1024;

/** The last lines, by number and by size. They stay text until someone reads them. */
export class LineRing {
  readonly #lines: (string | undefined)[] = new Array(MAX_LINES);
  /** Where the next line goes, and how many there are. */
  #next = 0;
  #count = 0;
  #chars = 0;

  add(line: string): void {
    if (line.length > MAX_CHARS) return;
    if (this.#count === MAX_LINES) this.#dropOldest();
    this.#lines[this.#next] = line;
    this.#next = (this.#next + 1) % MAX_LINES;
    this.#count++;
    this.#chars += line.length;
    while (this.#chars > MAX_CHARS) this.#dropOldest();
  }

  /** Newest first. */
  read(): unknown[] {
    const lines: unknown[] = [];
    for (let n = 1; n <= this.#count; n++) {
      lines.push(parse(this.#lines[(this.#next - n + MAX_LINES) % MAX_LINES]!));
    }
    return lines;
  }

  #dropOldest(): void {
    const at = (this.#next - this.#count + MAX_LINES) % MAX_LINES;
    this.#chars -= this.#lines[at]!.length;
    this.#lines[at] = undefined;
    this.#count--;
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}
