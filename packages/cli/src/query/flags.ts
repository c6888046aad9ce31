import { type Command, InvalidArgumentError, Option } from 'commander';

/** Flags that every command has which asks a console. */
export interface AskFlags {
  readonly console?: string;
  readonly json?: boolean;
}

export function askFlags(command: Command): Command {
  return command
    .option(
      '--console <url>',
      'the console to ask; else PLIMSOLL_CONSOLE_URL, the port of PLIMSOLL_CONSOLE_PORT, the one of this project, or http://127.0.0.1:4600',
    )
    .option('--json', "the console's answer, as JSON");
}

export interface RangeFlags {
  readonly since?: number;
  readonly from?: number;
  readonly to?: number;
}

export function rangeFlags(command: Command, byDefault?: string): Command {
  const note = byDefault ? ` (default ${byDefault})` : '';
  return command
    .addOption(
      new Option('--since <time>', `how far back: 90s, 15m, 2h, 7d${note}`)
        .argParser(stretch)
        .conflicts(['from', 'to']),
    )
    .option('--from <time>', 'from when on: ISO 8601, or epoch milliseconds', moment)
    .option('--to <time>', 'until when: ISO 8601, or epoch milliseconds', moment);
}

/** Open at both ends unless flags say otherwise. */
export function openRange({ since, from, to }: RangeFlags): { from?: number; to?: number } {
  if (since !== undefined) return { from: Date.now() - since };
  return { ...(from !== undefined && { from }), ...(to !== undefined && { to }) };
}

/** Ends now, and begins `byDefault` milliseconds before its end, unless flags say otherwise. */
export function closedRange(
  { since, from, to }: RangeFlags,
  byDefault: number,
): { from: number; to: number } {
  const end = to ?? Date.now();
  return { from: from ?? end - (since ?? byDefault), to: end };
}

export interface PageFlags {
  readonly limit?: number;
  readonly cursor?: string;
}

export function pageFlags(command: Command): Command {
  return command
    .option('--limit <count>', 'rows at most, 1 to 1000 (default 100)', count)
    .option('--cursor <cursor>', 'what follows the page that ended with this cursor');
}

const UNITS: Readonly<Record<string, number>> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** Milliseconds of `90s`, `15m`, `2h`, `7d`. */
export function stretch(text: string): number {
  const [, digits, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? [];
  if (!digits || Number(digits) === 0) throw new InvalidArgumentError('Expected such as 90s, 15m, 2h or 7d.');
  return Number(digits) * UNITS[unit!]!;
}

export function moment(text: string): number {
  const ms = /^\d{10,}(?:\.\d+)?$/.test(text) ? Number(text) : Date.parse(text);
  if (Number.isNaN(ms)) throw new InvalidArgumentError('Expected ISO 8601 or epoch milliseconds.');
  return ms;
}

export function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1000) {
    throw new InvalidArgumentError('Expected a number from 1 to 1000.');
  }
  return Number(text);
}

export function milliseconds(text: string): number {
  const ms = Number(text);
  if (text.trim() === '' || !(ms >= 0) || !Number.isFinite(ms)) {
    throw new InvalidArgumentError('Expected milliseconds, such as 250.');
  }
  return ms;
}

/** `key=value`; the key ends at the first `=`. */
export function pair(text: string): string {
  if (text.indexOf('=') < 1) throw new InvalidArgumentError('Expected KEY=VALUE.');
  return text;
}

export const pairs = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  pair(text),
];

/** `a,b`, and again with every further flag. */
export const words = (text: string, before: readonly string[] = []): readonly string[] => [
  ...before,
  ...text
    .split(',')
    .map(word => word.trim())
    .filter(word => word !== ''),
];
