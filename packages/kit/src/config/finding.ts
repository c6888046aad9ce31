import type { FindingCode } from '@plimsoll/wire';

/** Something wrong in the environment or a file. The message never holds a secret's value. */
export interface ConfigFinding {
  /** A variable's name, an option as in a file (`obs.log.level`), or a file's path as configured. */
  readonly field: string;
  readonly code: FindingCode;
  readonly message: string;
}

/** A warning that is `advice` stays one even where warnings count as errors. */
export interface ConfigWarning extends ConfigFinding {
  readonly advice?: true;
}

/** A value as a message may show it: one line, short, no control characters. */
export function shown(value: string): string {
  const line = value.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, '?');
  return line.length > 60 ? `${line.slice(0, 60)}…` : line;
}
