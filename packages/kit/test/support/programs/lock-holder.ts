import { withFileLock } from '../../../src/base/file-lock.ts';

/** Takes a lock, says so, and waits to be killed. */
await withFileLock(process.argv[2] ?? '', async () => {
  process.send?.('held');
  await new Promise(resolve => setTimeout(resolve, 60_000));
});
