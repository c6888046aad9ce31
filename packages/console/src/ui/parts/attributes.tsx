import type { Attributes } from '@plimsoll/wire';
import { Fragment } from 'preact';
import { text } from '../lib/format.ts';

export interface AttributesProps {
  readonly title: string;
  readonly of: Attributes;
  /** The address that finds what has this attribute too. */
  readonly find?: (key: string, value: string) => string;
}

export function AttributeTable({ title, of, find }: AttributesProps) {
  const rows = Object.entries(of).sort(([a], [b]) => a.localeCompare(b));
  if (rows.length === 0) return null;
  return (
    <section class="attributes">
      <h4>{title}</h4>
      <table>
        <tbody>
          {rows.map(([key, value]) => (
            <tr key={key}>
              <th scope="row">{breakable(key)}</th>
              <td>
                {find && typeof value !== 'object' ? (
                  <a href={find(key, text(value))} title="Find all with this value">
                    {text(value)}
                  </a>
                ) : (
                  <span>{text(value)}</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

/** A long key breaks after its dots and underscores first. */
function breakable(key: string) {
  return key.split(/(?<=[._])/).map((part, i) => (
    <Fragment key={`${part}${i}`}>
      {i > 0 && <wbr />}
      {part}
    </Fragment>
  ));
}
