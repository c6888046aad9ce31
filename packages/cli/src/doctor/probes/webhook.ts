import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { init } from 'plimsoll';
import type { Probe } from '../probe.ts';

interface Got {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

const EVENT = 'on_weather_changed';
const WAIT_MS = 5000;

/** A hook is raised, and its webhook comes to the doctor's own receiver: whole, once, and signed both ways. */
export const webhook: Probe = {
  name: 'webhook',
  async run({ find }) {
    const root = mkdtempSync(join(tmpdir(), 'plimsoll-doctor-hooks-'));
    const secret = `whsec_${randomBytes(32).toString('base64')}`;
    let take: (got: Got) => void = () => {};
    const arrived = new Promise<Got | undefined>(resolve => {
      take = resolve;
      setTimeout(() => resolve(undefined), WAIT_MS).unref();
    });
    const server = createServer((request, response) => {
      void read(request).then(body => {
        response.writeHead(204).end();
        take({ headers: request.headers, body });
      });
    });
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', resolve);
    });
    mkdirSync(join(root, 'config'));
    writeFileSync(join(root, 'config', 'plimsoll.json'), '{"features":{"enable_hooks":true}}');
    const obs = await init(options(root));
    try {
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
      await obs.hooks.addWebhook({ event: EVENT, url, secret });
      obs.hooks.emit(EVENT, { weather: 'doctor' });
      const got = await arrived;
      if (got === undefined) {
        find('webhook_not_delivered');
        return { ok: false, error: `nothing came within ${WAIT_MS} ms` };
      }
      const ok = isSigned(got, secret);
      if (!ok) find('webhook_not_signed');
      return { ok, id: got.headers['webhook-id'], signed: ok };
    } finally {
      await obs.close();
      server.closeAllConnections();
      server.close();
      rmSync(root, { recursive: true, force: true });
    }
  },
};

/** Nothing of the environment or of another file counts. */
function options(runtimeRoot: string): NonNullable<Parameters<typeof init>[0]> {
  return {
    ...{ enabled: true, service: 'plimsoll-doctor', env: 'production', runtimeRoot, failFast: false },
    configFiles: ['config/plimsoll.json'],
    log: { stdout: false, dir: '', level: 'silent' },
    ...{ trace: { enabled: false }, metrics: { enabled: false }, otlp: { disabled: true } },
    hooks: {
      allowPrivate: ['127.0.0.1'],
      resolver: [],
      devMode: false,
      signatureHeader: 'X-Plimsoll-Signature',
    },
    ...{ ops: { enabled: false, port: undefined }, drain: { enabled: false }, otel: { register: false } },
    ...{ telemetry: { enabled: false }, crash: { enabled: false } },
  };
}

function isSigned({ headers, body }: Got, secret: string): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const content = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`;
  const standard = `v1,${createHmac('sha256', key).update(content).digest('base64')}`;
  const plain = createHmac('sha256', secret).update(body).digest('hex');
  return isSame(headers['webhook-signature'], standard) && isSame(headers['x-plimsoll-signature'], plain);
}

function isSame(given: unknown, wanted: string): boolean {
  const [a, b] = [Buffer.from(String(given)), Buffer.from(wanted)];
  return a.length === b.length && timingSafeEqual(a, b);
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
