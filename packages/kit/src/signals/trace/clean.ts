import type { Privacy } from '@plimsoll/privacy';
import type { Attributes } from '@plimsoll/wire';

const STATEMENT_KEYS = ['db.query.text', 'db.statement'];

/** A statement keeps its shape and loses its values; the rest is the policy's. */
export function cleanAttributes(attributes: Attributes, privacy: Privacy): Attributes {
  let input = attributes;
  for (const key of STATEMENT_KEYS) {
    const statement = attributes[key];
    if (typeof statement !== 'string') continue;
    const system = attributes['db.system.name'] ?? attributes['db.system'];
    const shape = system === 'redis' ? command(statement) : privacy.sql(statement);
    input = { ...input, [key]: shape };
  }
  return privacy.attributes(input, 'spans');
}

/** Of a Redis command the name alone: its keys are made of ids, `presence:u-17`, as often as not. */
function command(statement: string): string {
  const name = /^\s*([a-z._]{1,32})(\s|$)/i.exec(statement);
  if (name === null) return '?';
  return statement.trim() === name[1] ? name[1] : `${name[1]} ?`;
}
