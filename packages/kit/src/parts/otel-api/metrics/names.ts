/** The kinds of instrument, as the API names them. */
export type Kind = 'counter' | 'updown' | 'histogram' | 'gauge';

/** UCUM to the words of Prometheus, as OpenTelemetry's compatibility document has them. */
const UNITS: Readonly<Record<string, string>> = {
  ...{ d: 'days', h: 'hours', min: 'minutes', s: 'seconds', ms: 'milliseconds', us: 'microseconds' },
  ...{ ns: 'nanoseconds', By: 'bytes', KiBy: 'kibibytes', MiBy: 'mebibytes', GiBy: 'gibibytes' },
  ...{ TiBy: 'tibibytes', KBy: 'kilobytes', MBy: 'megabytes', GBy: 'gigabytes', TBy: 'terabytes' },
  ...{ m: 'meters', V: 'volts', A: 'amperes', J: 'joules', W: 'watts', g: 'grams', Cel: 'celsius' },
  ...{ Hz: 'hertz', '%': 'percent' },
};
const PER: Readonly<Record<string, string>> = {
  ...{ s: 'second', m: 'minute', min: 'minute', h: 'hour', d: 'day', w: 'week', mo: 'month', y: 'year' },
};
/** What the API allows as an instrument's name. */
const NAME = /^[a-z][a-z0-9_.\-/]{0,254}$/i;

export function isInstrumentName(name: string): boolean {
  return NAME.test(name);
}

/**
 * The one name of a metric, in OTLP as in Prometheus: what is no letter, digit, colon or underscore is an
 * underscore; the unit in words is appended unless the name has it; a gauge of unit `1` ends with `_ratio`. A
 * counter's `_total` is added by the registry, after the unit.
 */
export function metricName(kind: Kind, name: string, unit: string): string {
  const plain = clean(name);
  const stem = kind === 'counter' ? plain.replace(/_total$/, '') : plain;
  const words = kind === 'gauge' && unit === '1' ? ['ratio'] : unitWords(unit);
  return words
    .filter(word => word !== '' && !`_${stem}_`.includes(`_${word}_`))
    .reduce((whole, word) => `${whole}_${word}`, stem);
}

/** `{request}/s` is `per_second`: what stands in braces is for people. */
function unitWords(unit: string): readonly string[] {
  const [over = '', under = ''] = unit.replace(/\{[^}]*\}/g, '').split('/');
  const top = over === '1' ? '' : (UNITS[over] ?? clean(over));
  const bottom = PER[under] ?? clean(under);
  return [top, bottom === '' ? '' : `per_${bottom}`];
}

/** A label's name; what Prometheus keeps for itself gets `attr_` in front. */
export function labelName(attribute: string): string {
  const name = clean(attribute).replaceAll(':', '_') || 'attr';
  return name === 'le' || name === 'quantile' || /^(?:__|\d)/.test(name) ? `attr_${name}` : name;
}

function clean(text: string): string {
  return text.replace(/[^a-zA-Z0-9_:]+/g, '_').replace(/^_+(?=.)|(?<=.)_+$/g, '');
}
