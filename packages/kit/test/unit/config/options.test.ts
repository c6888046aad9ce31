import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { parseEnv } from 'node:util';
import { loadConfig } from '../../../src/config/load.ts';
import type { OptionRow } from '../../../src/config/options/row.ts';
import { OPTIONS } from '../../../src/config/options/table.ts';

const rows: readonly OptionRow[] = OPTIONS;

test('every option has a key of its own, a variable and a line of documentation', () => {
  assert.equal(new Set(rows.map(row => row.key)).size, rows.length);
  for (const row of rows) {
    assert.match(row.key, /^[a-z]+(\.[a-z])?[A-Za-z]*$/, row.key);
    // What is handed in can't be a text.
    assert.equal(row.env === undefined, row.type === 'handed', `${row.key} has no variable`);
    assert.match(row.doc, /^\S.{8,}[^.\s]$/, row.key);
  }
});

test('no variable belongs to two options', () => {
  const names = rows.flatMap(row => [
    ...(row.env ?? []),
    ...(row.file ? row.env!.map(name => `${name}_FILE`) : []),
  ]);
  assert.deepEqual(
    names.filter((name, at) => names.indexOf(name) !== at),
    [],
  );
});

test('every default passes the check that a value in code passes', () => {
  for (const row of rows) {
    if (row.default === undefined) continue;
    const code = row.key
      .split('.')
      .reverse()
      .reduce<unknown>((inner, name) => ({ [name]: inner }), row.default) as object;
    assert.deepEqual(loadConfig({ code, env: {} }).value(row.key), row.default, row.key);
  }
});

test('a service with every line of .env.example switched on starts clean, with the defaults', () => {
  const example = readFileSync(new URL('../../../../../.env.example', import.meta.url), 'utf8');
  const env = parseEnv(example.replace(/^# ([A-Z_]+=)/gm, '$1'));
  assert.ok(Object.keys(env).length >= rows.filter(row => row.env).length);
  const config = loadConfig({ env });
  assert.deepEqual(config.findings, []);
  for (const row of rows) assert.deepEqual(config.value(row.key), row.default, row.key);
});
