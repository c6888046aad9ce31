import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { TestContext } from 'node:test';

/** A folder with these files, removed after the test; an object is written as JSON. */
export function folder(t: TestContext, files: Readonly<Record<string, string | object>> = {}): string {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [name, content] of Object.entries(files)) write(join(root, name), content);
  return root;
}

export function write(path: string, content: string | object): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, typeof content === 'string' ? content : JSON.stringify(content));
}
