import { useState } from 'preact/hooks';
import { param, params, setParams } from '../../lib/address.ts';
import { service } from '../../lib/services.ts';
import { Choice, Field } from '../../parts/field.tsx';
import { FilterBox } from '../../parts/filter-box.tsx';

export const FILTERS = [
  'text',
  'minSeverity',
  'logger',
  'traceId',
  'requestId',
  'correlationId',
  'attribute',
] as const;

/** The filter in the address, as the API takes it. */
export function filter(): Readonly<Record<string, string | readonly string[]>> {
  const single = FILTERS.slice(0, -1).map(name => [name, param(name)] as const);
  return { ...Object.fromEntries(single), service: service(), attribute: params.value.getAll('attribute') };
}

const LEVELS = [
  ['', 'All'],
  ['5', 'Debug and up'],
  ['9', 'Info and up'],
  ['13', 'Warnings and up'],
  ['17', 'Errors'],
] as const;

export function Filters() {
  const set = FILTERS.filter(name => param(name)).length;
  const clear = () => setParams(Object.fromEntries([...FILTERS, 'cursor'].map(name => [name, undefined])));
  return (
    <FilterBox set={set}>
      <Field label="Text" name="text" placeholder="Words in the line or its values" first wide />
      <Choice label="Level" name="minSeverity" options={LEVELS} />
      <Field label="Logger" name="logger" />
      <Field label="Request id" name="requestId" />
      <Field label="Correlation id" name="correlationId" />
      <Field label="Trace id" name="traceId" />
      <AddAttribute />
      <Chips />
      {set > 0 && (
        <button type="button" class="quiet" onClick={clear}>
          Clear
        </button>
      )}
    </FilterBox>
  );
}

function AddAttribute() {
  const [value, setValue] = useState('');
  const submit = (event: Event) => {
    event.preventDefault();
    if (!/^[^=]+=/.test(value)) return;
    setParams({ attribute: [...params.value.getAll('attribute'), value.trim()], cursor: undefined });
    setValue('');
  };
  return (
    <form class="field" onSubmit={submit}>
      <label for="log-attribute">Attribute</label>
      <input
        id="log-attribute"
        value={value}
        placeholder="key=value, then Enter"
        spellcheck={false}
        autocomplete="off"
        onInput={event => setValue(event.currentTarget.value)}
      />
    </form>
  );
}

function Chips() {
  const all = params.value.getAll('attribute');
  const drop = (at: number) => setParams({ attribute: all.filter((_, i) => i !== at), cursor: undefined });
  return (
    <>
      {all.map((one, i) => (
        <button
          key={one}
          type="button"
          class="chip"
          aria-label={`Remove the filter ${one}`}
          onClick={() => drop(i)}
        >
          {one} <span aria-hidden="true">✕</span>
        </button>
      ))}
    </>
  );
}
