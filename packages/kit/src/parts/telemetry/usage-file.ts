import { readFileSync, statSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { writeFileAtomic } from '../../base/atomic-file.ts';
import { parseUsage, type Usage } from './usage.ts';

export const MISSING = 'none';

/** `usage.json` as this process has read it last; others write it too. */
export class UsageFile {
  readonly #path: string;
  #stamp = MISSING;
  usage: Usage | undefined;

  constructor(path: string) {
    this.#path = path;
  }

  /** True where somebody has written, or removed, it since. */
  get moved(): boolean {
    return stampOf(this.#path) !== this.#stamp;
  }

  load(): void {
    this.#stamp = stampOf(this.#path);
    let text: string | undefined;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch {
      // None yet, or none any more.
    }
    this.usage = text === undefined ? undefined : parseUsage(text);
  }

  async write(usage: Usage): Promise<void> {
    await writeFileAtomic(this.#path, `${JSON.stringify(usage, null, 2)}\n`);
    this.load();
  }

  async remove(): Promise<void> {
    await rm(this.#path, { force: true });
  }

  /** A file that we did not write so is kept for whoever damaged it. True where there was one. */
  async keepAside(now: number): Promise<boolean> {
    if (stampOf(this.#path) === MISSING) return false;
    await rename(this.#path, `${this.#path}.damaged-${Math.round(now)}`);
    return true;
  }
}

export function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : MISSING;
}
