import { createHmac } from 'node:crypto';

const STANDARD = 'whsec_';
const STANDARD_SECRET = /^whsec_(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

export function isSecret(secret: unknown): secret is string {
  if (typeof secret !== 'string') return false;
  if (!secret.startsWith(STANDARD)) return secret.length >= 1 && secret.length <= 256;
  const { length } = keyOf(secret);
  return STANDARD_SECRET.test(secret) && length >= 24 && length <= 64;
}

/** The key of Standard Webhooks: the bytes behind `whsec_`, else the text itself. */
function keyOf(secret: string): Buffer {
  if (!secret.startsWith(STANDARD)) return Buffer.from(secret, 'utf8');
  return Buffer.from(secret.slice(STANDARD.length), 'base64');
}

/** `webhook-signature`: one for each secret, newest first, so that a receiver may know either while it rotates. */
export function standardSignature(
  secrets: readonly string[],
  { id, timestamp, body }: { id: string; timestamp: number; body: string },
): string {
  return secrets
    .map(secret => {
      const mac = createHmac('sha256', keyOf(secret)).update(`${id}.${timestamp}.${body}`, 'utf8');
      return `v1,${mac.digest('base64')}`;
    })
    .join(' ');
}

/** The plain header: HMAC-SHA-256 of the body's bytes under the secret's own text, lower-case hex. */
export function plainSignature(secret: string, body: string): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('hex');
}
