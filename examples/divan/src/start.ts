import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { createDivan, type DivanApp } from './app.ts';
import { CAMPUS, seedDemo } from './demo.ts';
import { settingsFrom } from './settings.ts';
import { startTraffic } from './traffic.ts';

const HOST = '127.0.0.1';
const ENVIRONMENT = ['OBS_ENV', 'ENV', 'APP_ENV', 'ENVIRONMENT', 'NODE_ENV'];
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const code = await start(process.env, process.argv.slice(2));
if (code !== 0) process.exit(code);

/** Runs divan until a signal; resolves to the exit code of a start that failed, or 0 once it listens. */
async function start(env: NodeJS.ProcessEnv, args: readonly string[]): Promise<number> {
  const port = Number(env['PORT'] || 8000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return fail('PORT is not a number from 0 to 65535.');
  const unset = !ENVIRONMENT.some(name => env[name]);
  if (unset) env['OBS_ENV'] = 'development';
  const madeUp = !env['OBS_ADMIN_TOKEN'] && !env['OBS_ADMIN_TOKEN_FILE'];
  if (madeUp) env['OBS_ADMIN_TOKEN'] = randomBytes(18).toString('base64url');

  const settings = settingsFrom(env);
  // So that a console can ask how we are; a free port is known too late to say it.
  const resource: Record<string, string> = port === 0 ? {} : { 'plimsoll.ops.url': `http://${HOST}:${port}` };
  const divan = await createDivan({
    settings: unset ? { ...settings, development: true } : settings,
    obs: { resource },
  });
  const { development } = divan;
  const users = development ? await seedDemo(divan.store).catch(() => []) : [];
  try {
    await divan.app.listen({ host: HOST, port });
  } catch (error) {
    await divan.close();
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    return fail(
      `Port ${port} is taken. Stop what listens there, or choose another: PORT=${port + 1} npm start`,
    );
  }
  const { port: real } = divan.app.server.address() as AddressInfo;
  const origin = `http://${HOST}:${real}`;
  const traffic = users.length > 0 && !args.includes('--no-traffic');
  const stopTraffic = traffic ? startTraffic(origin, users) : () => {};
  console.error(
    welcome({
      ...{ origin, traffic, development },
      recent: divan.obs.read('recent') !== undefined,
      token: madeUp ? env['OBS_ADMIN_TOKEN'] : undefined,
    }),
  );
  stopOnSignal(divan, stopTraffic);
  return 0;
}

function fail(message: string): number {
  console.error(`divan can't start: ${message}`);
  return 1;
}

/** What is under way is answered, within Plimsoll's own limits, before the store goes; it ends at once on a second signal. */
function stopOnSignal(divan: DivanApp, stopTraffic: () => void): void {
  const stop = async () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    stopTraffic();
    await divan.obs.read<{ run(): Promise<void> }>('drain')?.run();
    await divan.close();
  };
  const onSignal = () =>
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

interface Welcome {
  readonly origin: string;
  readonly traffic: boolean;
  readonly development: boolean;
  /** Whether the last traces and lines stay here, and do not go to a collector or a console. */
  readonly recent: boolean;
  /** Only where we made it up: one that was given is not printed. */
  readonly token: string | undefined;
}

function welcome({ origin, traffic, development, recent, token }: Welcome): string {
  const lines = [
    '',
    `divan listens on ${origin}${development ? ', in development' : ''}`,
    token ? `Admin token, made up for this run: ${token}` : 'Admin token: as OBS_ADMIN_TOKEN says',
    '',
    `Open ${origin}/health, and with the admin token in X-Admin-Token:`,
    `  ${origin}/ops/          what there is`,
    ...(recent ? [`  ${origin}/ops/recent    the last traces and log lines`] : []),
    `  ${origin}/metrics       for Prometheus`,
    '',
    'Try:',
    `  curl -s ${origin}/health/ready`,
    `  curl -s -H "X-Admin-Token: ${token ?? '$OBS_ADMIN_TOKEN'}" ${origin}/metrics`,
    `  curl -s -i ${origin}/chat/messages -H 'content-type: application/json' -H 'X-User-Id: u-1' ` +
      `-H 'X-Campus-Id: ${CAMPUS.campusId}' -d '{"to_user_id":"u-2","body":"see you at six"}'`,
    '',
  ];
  if (traffic) lines.push('It makes a little traffic of its own; npm start -- --no-traffic stops that.', '');
  if (!development)
    lines.push('Not in development: every call needs a bearer token signed with JWT_SECRET.', '');
  return lines.join('\n');
}
