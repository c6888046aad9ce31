import { Refusal } from '../failure.ts';

export interface Rng {
  /** As given, modulo 2^32. */
  readonly seed: number;
  /** The last number drawn; the seed before the first. */
  readonly value: number;
  readonly uses: number;
}

const MODULUS = 2 ** 32;

/** The linear congruential generator of Numerical Recipes. `Math.imul`, since the product is beyond 2^53. */
export function draw({ seed, value, uses }: Rng): { readonly rng: Rng; readonly share: number } {
  const next = (Math.imul(1664525, value) + 1013904223) >>> 0;
  return { rng: { seed, value: next, uses: uses + 1 }, share: next / MODULUS };
}

/** From a whole number, or a text of one, however large or below zero; 0 where none is given. 400 for all else. */
export function seeded(given: unknown): Rng {
  const seed = Number(BigInt.asUintN(32, toBigInt(given ?? 0)));
  return { seed, value: seed, uses: 0 };
}

function toBigInt(given: unknown): bigint {
  if (typeof given === 'number' && Number.isInteger(given)) return BigInt(given);
  if (typeof given === 'string' && /^\s*[+-]?\d{1,40}\s*$/.test(given))
    return BigInt(given.trim().replace(/^\+/, ''));
  throw new Refusal(400, 'seed must be a whole number');
}
