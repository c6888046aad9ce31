import { closeSync, fsyncSync, openSync, readFileSync, readSync, statSync, writeSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { writeFileAtomic } from '../../base/atomic-file.ts';

/** Written before the first byte leaves. */
interface Attempt {
  readonly batch: string;
  readonly sent_at: string;
  readonly endpoint: string;
  readonly size: number;
  readonly records: number;
  readonly sha256: string;
  readonly body: string | null;
}

interface Outcome {
  readonly batch: string;
  readonly outcome: 'accepted' | 'refused' | 'failed';
  readonly status: string;
}

export interface Receipt extends Omit<Attempt, 'sent_at'> {
  readonly first_sent_at: string;
  readonly last_sent_at: string;
  readonly attempts: number;
  readonly outcome: Outcome['outcome'] | 'unknown';
  readonly status: string | null;
}

/** All that ever left this machine, and when: appended to, never cut. Only the holder of the sender's lock writes. */
export class Ledger {
  readonly #path: string;

  constructor(path: string) {
    this.#path = path;
  }

  /** On the disk when it resolves: only then may the batch leave. */
  attempt(attempt: Attempt): Promise<void> {
    return this.#append(attempt);
  }

  outcome(outcome: Outcome): Promise<void> {
    return this.#append(outcome);
  }

  /** A receipt for each batch, newest first. */
  read(): readonly Receipt[] {
    const receipts = new Map<string, Receipt>();
    for (const line of this.#lines()) {
      const { batch } = line;
      const known = receipts.get(batch);
      if ('sent_at' in line) {
        const { sent_at, ...attempt } = line;
        receipts.set(batch, {
          ...{ ...attempt, body: attempt.body ?? known?.body ?? null, last_sent_at: sent_at },
          ...{ first_sent_at: known?.first_sent_at ?? sent_at, attempts: (known?.attempts ?? 0) + 1 },
          ...{ outcome: 'unknown', status: null },
        });
      } else if (known !== undefined) receipts.set(batch, { ...known, ...line });
    }
    return [...receipts.values()].reverse();
  }

  /** Keeps when and how much, and drops what: a forgotten installation's id is in it. */
  async forgetBodies(): Promise<void> {
    const lines = this.#lines();
    if (lines.length === 0) return;
    const kept = lines.map(line => ('body' in line ? { ...line, body: null } : line));
    await writeFileAtomic(this.#path, kept.map(line => `${JSON.stringify(line)}\n`).join(''));
  }

  #lines(): readonly (Attempt | Outcome)[] {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
      throw error;
    }
    // One line may be cut, by a lost machine or while it is written.
    return text.split('\n').flatMap(line => {
      try {
        return line === '' ? [] : [JSON.parse(line) as Attempt | Outcome];
      } catch {
        return [];
      }
    });
  }

  async #append(line: Attempt | Outcome): Promise<void> {
    await mkdir(dirname(this.#path), { recursive: true });
    const fd = openSync(this.#path, 'a+', 0o600);
    try {
      writeSync(fd, `${endsInside(fd, statSync(this.#path).size) ? '\n' : ''}${JSON.stringify(line)}\n`);
      fsyncSync(fd);
    } finally {
      closeSync(fd);
    }
  }
}

/** Whether the last line was cut. */
function endsInside(fd: number, size: number): boolean {
  if (size === 0) return false;
  const last = Buffer.alloc(1);
  readSync(fd, last, 0, 1, size - 1);
  return last[0] !== 10;
}
