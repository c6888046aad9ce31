import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { writeFileAtomic } from '../../base/atomic-file.ts';

const BYTES = 32;

/** The installation secret of `config/telemetry/anonymizer.json`; made where there is none, or it is damaged. */
export async function readSecret(
  path: string,
): Promise<{ readonly secret: Uint8Array; readonly replaced: boolean }> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return { secret: await newSecret(path), replaced: false };
  }
  const secret = parse(text);
  return secret ? { secret, replaced: false } : { secret: await newSecret(path), replaced: true };
}

export async function newSecret(path: string): Promise<Uint8Array> {
  const secret = randomBytes(BYTES);
  await writeFileAtomic(path, `${JSON.stringify({ secret: secret.toString('base64') }, null, 2)}\n`, {
    mode: 0o600,
  });
  return secret;
}

function parse(text: string): Uint8Array | undefined {
  try {
    const { secret } = JSON.parse(text) as { secret?: unknown };
    const bytes = Buffer.from(String(secret), 'base64');
    return typeof secret === 'string' && bytes.length === BYTES ? bytes : undefined;
  } catch {
    return undefined;
  }
}
