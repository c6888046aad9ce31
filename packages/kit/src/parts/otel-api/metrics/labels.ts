import type * as api from '@opentelemetry/api';
import type { Kit } from '../../../kernel/part.ts';
import { labelName } from './names.ts';

/** Attribute names of one instrument that become labels; further ones are left out. */
const MAX_LABELS = 16;

interface Known {
  readonly label: string;
  /** What the name says that its value may not be shown as it is. */
  readonly guarded: boolean;
}

type Values = Record<string, string | number | boolean>;
const NONE: Values = Object.freeze({});

/** The labels of one instrument: attribute names as they come up, each with a label's name and its privacy. */
export class Labels {
  /** In the order in which they came up; only ever added to. */
  readonly names: string[] = [];
  readonly #known = new Map<string, Known | undefined>();
  readonly #privacy: Kit['privacy'];
  readonly #full: (attribute: string) => void;

  constructor(privacy: Kit['privacy'], full: (attribute: string) => void) {
    this.#privacy = privacy;
    this.#full = full;
  }

  of(attributes: api.Attributes | undefined): Values {
    if (attributes === undefined || attributes === null) return NONE;
    const values: Values = {};
    for (const attribute in attributes) {
      const value = attributes[attribute];
      if (value === undefined || value === null) continue;
      const known = this.#known.has(attribute) ? this.#known.get(attribute) : this.#learn(attribute);
      if (known === undefined) continue;
      const { label, guarded } = known;
      const shown = guarded ? this.#guard(attribute, value) : plain(value);
      // Two attributes that differ only in what no label can show.
      values[label] = Object.hasOwn(values, label) ? `${values[label]};${shown}` : shown;
    }
    return values;
  }

  #learn(attribute: string): Known | undefined {
    const label = labelName(attribute);
    const taken = this.names.includes(label);
    if (!taken && this.names.length >= MAX_LABELS) {
      // Not remembered: names that are data would fill the memory.
      this.#full(attribute);
      return undefined;
    }
    if (!taken) this.names.push(label);
    const kind = this.#privacy.classify(attribute);
    const known = { label, guarded: kind !== 'none' && kind !== 'size' };
    if (this.#known.size < MAX_LABELS * 2) this.#known.set(attribute, known);
    return known;
  }

  #guard(attribute: string, value: unknown): string | number | boolean {
    return plain(this.#privacy.attributes({ [attribute]: value }, 'labels')[attribute] ?? '');
  }
}

function plain(value: unknown): string | number | boolean {
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') return value;
  if (typeof value === 'bigint') return String(value);
  try {
    return JSON.stringify(value) ?? '';
  } catch {
    return '';
  }
}
