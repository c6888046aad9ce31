import { useEffect, useState } from 'preact/hooks';
import { param, setParams } from '../lib/address.ts';

export interface FieldProps {
  readonly label: string;
  /** The parameter of the address that holds it. */
  readonly name: string;
  readonly placeholder?: string;
  readonly type?: 'search' | 'number';
  readonly list?: readonly string[];
  /** The field that `/` goes to. */
  readonly first?: boolean;
  readonly wide?: boolean;
}

const SETTLED_MS = 350;

/** A filter in the address: what is typed goes there when the typing stops, or at once with Enter. */
export function Field({ label, name, placeholder, type = 'search', list, first, wide }: FieldProps) {
  const given = param(name);
  const [value, setValue] = useState(given);
  useEffect(() => setValue(given), [given]);
  useEffect(() => {
    if (value === given) return;
    const timer = setTimeout(() => setParams({ [name]: value.trim(), cursor: undefined }), SETTLED_MS);
    return () => clearTimeout(timer);
  }, [value, given]);
  const listId = `list-${name}`;
  return (
    <label class={wide ? 'field wide' : 'field'}>
      <span>{label}</span>
      <input
        type={type}
        value={value}
        placeholder={placeholder}
        list={list && listId}
        data-search={first ? '' : undefined}
        spellcheck={false}
        autocomplete="off"
        onInput={event => setValue(event.currentTarget.value)}
        onKeyDown={event => {
          if (event.key === 'Enter') setParams({ [name]: value.trim(), cursor: undefined });
        }}
      />
      {list && (
        <datalist id={listId}>
          {list.map(one => (
            <option key={one} value={one} />
          ))}
        </datalist>
      )}
    </label>
  );
}

export interface ChoiceProps {
  readonly label: string;
  readonly name: string;
  readonly options: readonly (readonly [value: string, label: string])[];
}

export function Choice({ label, name, options }: ChoiceProps) {
  return (
    <label class="field">
      <span>{label}</span>
      <select
        value={param(name)}
        onChange={event => setParams({ [name]: event.currentTarget.value, cursor: undefined })}
      >
        {options.map(([value, word]) => (
          <option key={value} value={value}>
            {word}
          </option>
        ))}
      </select>
    </label>
  );
}
