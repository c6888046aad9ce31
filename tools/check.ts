import { spawn } from 'node:child_process';
import { resolve } from 'node:path';

/**
 * Format, lint and types, side by side. wire and privacy are checked once more on their own:
 * their projects have no Node and no DOM, which is what keeps them pure.
 * The console's page has the DOM and JSX, and no Node.
 */
const root = resolve(import.meta.dirname, '..');
const tsc = ['node_modules/typescript/bin/tsc', '--noEmit', '--pretty', 'false', '-p'];
const CHECKS: readonly (readonly string[])[] = [
  ['node_modules/@biomejs/biome/bin/biome', 'check', '.'],
  [...tsc, 'tsconfig.json'],
  [...tsc, 'packages/wire'],
  [...tsc, 'packages/privacy'],
  [...tsc, 'packages/console/src/ui'],
];

function run(args: readonly string[]): Promise<boolean> {
  const child = spawn(process.execPath, args, { cwd: root });
  const chunks: Buffer[] = [];
  child.stdout.on('data', chunk => chunks.push(chunk));
  child.stderr.on('data', chunk => chunks.push(chunk));
  return new Promise(done => {
    child.on('close', code => {
      if (code !== 0) process.stderr.write(Buffer.concat(chunks));
      done(code === 0);
    });
  });
}

const passed = await Promise.all(CHECKS.map(run));
console.log(passed.every(Boolean) ? 'check: format, lint and types are clean' : 'check: failed');
process.exitCode = passed.every(Boolean) ? 0 : 1;
