import assert from 'node:assert/strict';
import { test } from 'node:test';
import { HandleTable } from '../../../src/adapters/exchange/handles.ts';
import { openKit } from '../../support/kit.ts';

test('the 2,001st route of an app that names routes with raw paths counts as other, as do all after it', () => {
  const { kit } = openKit();
  const table = new HandleTable(kit);
  for (let n = 0; n < 1999; n++) assert.equal(table.route(`/path/${n}`).template, `/path/${n}`);
  for (let n = 2000; n < 2010; n++) assert.equal(table.route(`/path/${n}`).template, 'other');
  assert.equal(table.route('/path/7').template, '/path/7');
});
