import assert from 'node:assert/strict';
import { test } from 'node:test';
import { privacy } from '../support/privacy.ts';

const { sql } = privacy();

const STATEMENTS: readonly (readonly [string, string])[] = [
  ["SELECT * FROM users WHERE email = 'anna@example.org'", 'SELECT * FROM users WHERE email = ?'],
  ['select a1 from t2 where x = 42 and y > -1.5e3', 'select a1 from t2 where x = ? and y > ?'],
  ['SELECT 1 -- for anna\nFROM t', 'SELECT ? FROM t'],
  ['SELECT /* anna */ 1', 'SELECT ?'],
  ["INSERT INTO t VALUES (1, 'a'), (2, 'b')", 'INSERT INTO t VALUES (?)'],
  ['WHERE id IN (1,2,3)', 'WHERE id IN (?)'],
  ["SELECT 'it''s', E'a\\'b', $$x$$, $t$y$t$", 'SELECT ?, ?, ?, ?'],
  ['SELECT "name" FROM "user table of anna"', 'SELECT "name" FROM ?'],
  ['SELECT $1, :name, ? FROM t', 'SELECT $1, :name, ? FROM t'],
  ["SELECT 'never closed, anna", 'SELECT ?'],
];

test('a statement keeps its shape and loses its literals and comments', () => {
  for (const [given, wanted] of STATEMENTS) assert.equal(sql(given), wanted);
});

const DISPUTED: readonly (readonly [string, string])[] = [
  ["SELECT 'C:\\', 'anna', 'berg'", 'SELECT ?'],
  ["SELECT 'C:\\\\', 'anna', 'berg'", 'SELECT ?, ?, ?'],
  ['SELECT * FROM t WHERE name = "anna"', 'SELECT * FROM t WHERE name = ?'],
  ['INSERT INTO t ("a","b") VALUES ("anna","berg")', 'INSERT INTO t ("a","b") VALUES (?)'],
  ['SELECT "a" FROM "t" WHERE "t"."x" = "u"."y"', 'SELECT "a" FROM "t" WHERE "t"."x" = "u"."y"'],
  ['SELECT 1 /* of /* anna */ berg */ FROM t', 'SELECT ? FROM t'],
  ['SELECT 1 # for anna\nFROM t', 'SELECT ? FROM t'],
  ['SELECT a FROM t WHERE id IN ($1, $2, $3)', 'SELECT a FROM t WHERE id IN (?)'],
];

test('where databases read a statement differently, no reading lets a literal out', () => {
  for (const [given, wanted] of DISPUTED) assert.equal(sql(given), wanted);
});

test('a long statement is cut at 1,024 characters', () => {
  const long = sql(`SELECT ${'column_name, '.repeat(200)}x`);
  assert.equal(long.length, 1025);
  assert.ok(long.endsWith('…'));
});
