import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const FOLDER = fileURLToPath(new URL('../../../../shared/fixtures/', import.meta.url));

/** False, and the test skipped, where the fixtures are missing and nothing demands them. */
export function hasFixtures(t: TestContext): boolean {
  if (existsSync(FOLDER)) return true;
  const how = 'needs the fixtures beside the checkout, in ../shared/fixtures';
  if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(how);
  t.skip(how);
  return false;
}

/** 515 strings that break software. */
export const naughtyStrings = (): string[] => JSON.parse(readFileSync(`${FOLDER}blns.json`, 'utf8'));

/** JSON documents by name: `y_` must parse, `n_` must not, `i_` either. */
export const jsonDocuments = (): [string, Buffer][] =>
  readdirSync(`${FOLDER}json-test-suite`).map(name => [
    name,
    readFileSync(`${FOLDER}json-test-suite/${name}`),
  ]);
