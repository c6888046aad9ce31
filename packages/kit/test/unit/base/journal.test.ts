import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { type Journal, openJournal } from '../../../src/base/journal.ts';

const folder = mkdtempSync(join(tmpdir(), 'plimsoll-journal-'));
after(() => rmSync(folder, { recursive: true, force: true }));

async function read(path: string): Promise<{ journal: Journal<unknown>; entries: unknown[] }> {
  const entries: unknown[] = [];
  return { journal: await openJournal({ path, replay: entry => entries.push(entry) }), entries };
}

describe('a journal', () => {
  test('gives back what was appended, in order, with every character of it', async () => {
    const path = join(folder, 'a', 'order.journal');
    const entries = [{ n: 1 }, 'zwei\n', [3, null, '€ 𝄞']];
    const { journal } = await read(path);
    await Promise.all(entries.map(entry => journal.append(entry)));
    await journal.close();
    await assert.rejects(journal.append(1));
    const again = await read(path);
    assert.deepEqual(again.entries, entries);
    assert.equal(again.journal.damaged, 0);
    await again.journal.close();
  });

  test('drops a cut last line, and appends behind the whole ones', async () => {
    const path = join(folder, 'cut.journal');
    const first = await read(path);
    await first.journal.append('whole');
    await first.journal.close();
    appendFileSync(path, '0badc0de {"cut":tr');
    const second = await read(path);
    assert.deepEqual(second.entries, ['whole']);
    await second.journal.append('next');
    await second.journal.close();
    const third = await read(path);
    assert.deepEqual([third.entries, third.journal.damaged], [['whole', 'next'], 0]);
    await third.journal.close();
  });

  test('counts a damaged line and reads those behind it', async () => {
    const path = join(folder, 'damaged.journal');
    const { journal } = await read(path);
    for (const entry of ['one', 'two', 'three']) await journal.append(entry);
    await journal.close();
    writeFileSync(path, readFileSync(path, 'utf8').replace('"two"', '"two?'));
    const again = await read(path);
    assert.deepEqual([again.entries, again.journal.damaged], [['one', 'three'], 1]);
    await again.journal.close();
  });

  test('is rewritten with appends around it, which stay', async () => {
    const path = join(folder, 'rewrite.journal');
    const { journal } = await read(path);
    await journal.append('old');
    const acknowledged = journal.append('summed up');
    const rewritten = journal.rewrite(['sum']);
    const later = journal.append('later');
    await Promise.all([acknowledged, rewritten, later]);
    assert.equal(journal.bytes, readFileSync(path).length);
    await journal.close();
    const again = await read(path);
    assert.deepEqual(again.entries, ['sum', 'later']);
    await again.journal.close();
  });

  test('hands what waits to the file system when there is no time left', async () => {
    const path = join(folder, 'last.journal');
    const { journal } = await read(path);
    void journal.append('last breath');
    journal.flushSync();
    assert.match(readFileSync(path, 'utf8'), /"last breath"\n$/);
    await journal.close();
  });

  test('keeps whatever it acknowledged when its process is killed, again and again', async () => {
    const path = join(folder, 'kill.journal');
    const acknowledged = new Set<number>();
    for (let round = 0; round < 5; round += 1) {
      const program = join(import.meta.dirname, '../../support/programs/journal.ts');
      const child = spawn(process.execPath, [
        ...['--conditions=plimsoll-source', program, path, String(round * 1_000_000)],
      ]);
      let text = '';
      const enough = new Promise<void>(resolve =>
        child.stdout.on('data', chunk => {
          text += chunk;
          if (text.length > 2000) resolve();
        }),
      );
      const exited = new Promise(resolve => child.on('close', resolve));
      await Promise.race([enough, exited]);
      child.kill('SIGKILL');
      await exited;
      for (const line of text.slice(0, text.lastIndexOf('\n')).split('\n')) acknowledged.add(Number(line));
      const { journal, entries } = await read(path);
      await journal.close();
      const stored = new Set(entries);
      assert.deepEqual(
        [...acknowledged].filter(number => !stored.has(number)),
        [],
      );
      assert.equal(stored.size, entries.length);
      assert.equal(journal.damaged, 0);
    }
    assert.ok(acknowledged.size > 100);
  });
});
