import { isObject, type Json } from './adapter.ts';

const REMAINING = ['credits_remaining', 'clientBalance', 'balance', 'credits', 'remaining', 'credit_balance'];
const TOTAL = ['credits_total', 'total_credits', 'limit', 'monthly_limit', 'total', 'hard_limit_usd'];
const USED = ['credits_used', 'total_usage', 'used', 'spent', 'usage'];

/** Credits under the names that account APIs give them, at the top or one level down. */
export function creditsOf(body: Json): Json | undefined {
  const inner = ['data', 'user', 'account', 'myself', 'billing', 'quota', 'credits'].map(name => body[name]);
  const places = [
    body,
    ...inner.filter(isObject),
    ...inner.filter(isObject).flatMap(Object.values).filter(isObject),
  ];
  const number = (names: readonly string[]): number | undefined => {
    for (const place of places) {
      for (const name of names) {
        const value = place[name];
        const amount = typeof value === 'string' && value.trim() !== '' ? Number(value) : value;
        if (typeof amount === 'number' && Number.isFinite(amount)) return amount;
      }
    }
    return undefined;
  };
  const [total, used] = [number(TOTAL), number(USED)];
  const left = number(REMAINING) ?? (total !== undefined && used !== undefined ? total - used : undefined);
  if (left === undefined && total === undefined && used === undefined) return undefined;
  const first = (name: string) => places.map(place => place[name]).find(value => value !== undefined);
  const spent = used ?? (total !== undefined && left !== undefined ? total - left : undefined);
  const [currency, plan] = [first('currency'), first('plan')];
  return {
    credits_remaining: left ?? null,
    credits_total: total ?? null,
    credits_used: spent ?? null,
    currency: typeof currency === 'string' ? currency : 'USD',
    plan: isObject(plan) ? plan : typeof plan === 'string' ? { name: plan } : {},
    raw: body,
  };
}
