/** Appends numbers to the journal at argv[2], from argv[3] on, and says each one that was acknowledged. */
import { openJournal } from '../../../src/base/journal.ts';

const [, , path = '', from = '0'] = process.argv;
const journal = await openJournal<number>({ path, replay: () => {} });
for (let next = Number(from); ; next += 8) {
  await Promise.all(
    Array.from({ length: 8 }, async (_, at) => {
      await journal.append(next + at);
      process.stdout.write(`${next + at}\n`);
    }),
  );
}
