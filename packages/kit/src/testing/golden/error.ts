import { ERRORS, type ErrorCode } from '@plimsoll/wire';
import { PlimsollError } from '../../base/errors.ts';
import { type Difference, renderDifferences } from './compare.ts';

export interface GoldenErrorOptions {
  readonly summary: string;
  readonly differences?: readonly Difference[];
  readonly cause?: unknown;
}

/** Why a golden did not hold: the message is what a runner should show. */
export class GoldenError extends PlimsollError {
  readonly differences: readonly Difference[];

  constructor(code: ErrorCode, { summary, differences = [], cause }: GoldenErrorOptions) {
    super(code, summary, cause === undefined ? undefined : { cause });
    this.name = 'GoldenError';
    this.differences = differences;
    const { text, hint } = ERRORS[code];
    if (differences.length > 0)
      this.message = `${text}: ${summary}\n${renderDifferences(differences)}\n${hint}`;
  }
}
