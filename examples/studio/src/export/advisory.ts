import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writeWhole } from '../files.ts';

export interface Disclaimer {
  readonly acknowledged: boolean;
  readonly required: true;
  /** A new text has a new version, which is to be acknowledged again. */
  readonly version: string;
  readonly links: readonly { readonly title: string; readonly path: string }[];
}

const VERSION = '1';
const LINKS = [{ title: 'Advisory for modders', path: 'docs/development/advisory_modding.md' }] as const;
const stored = z.object({ version: z.string(), acknowledged_at: z.string() });

/** Whether this installation has acknowledged the notice on what it exports. */
export class Advisory {
  readonly #path: string;
  readonly #now: () => number;

  constructor(runtimeRoot: string, now: () => number) {
    this.#path = join(runtimeRoot, 'data/advisory.json');
    this.#now = now;
  }

  disclaimer(): Disclaimer {
    return { acknowledged: this.#acknowledged(), required: true, version: VERSION, links: LINKS };
  }

  async acknowledge(user: string): Promise<void> {
    const acknowledged_at = new Date(this.#now()).toISOString();
    await writeWhole(this.#path, `${JSON.stringify({ user, version: VERSION, acknowledged_at }, null, 2)}\n`);
  }

  /** A file that can't be read acknowledges nothing. */
  #acknowledged(): boolean {
    try {
      return stored.parse(JSON.parse(readFileSync(this.#path, 'utf8'))).version === VERSION;
    } catch {
      return false;
    }
  }
}
