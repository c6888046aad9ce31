import { randomBytes } from 'node:crypto';
import { applyAliases } from './obs.ts';
import { listen, type RunningStudio } from './server.ts';

const ENVIRONMENT = ['OBS_ENV', 'ENV', 'APP_ENV', 'ENVIRONMENT', 'NODE_ENV'];
const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

const code = await start(process.env);
if (code !== 0) process.exit(code);

/** Runs studio until a signal; resolves to the exit code of a start that failed, or 0 once it listens. */
async function start(env: NodeJS.ProcessEnv): Promise<number> {
  const port = Number(env['PORT'] || 8001);
  if (!Number.isInteger(port) || port < 0 || port > 65_535)
    return fail('PORT is not a number from 0 to 65535.');
  applyAliases(env);
  if (!ENVIRONMENT.some(name => env[name])) env['OBS_ENV'] = 'development';
  const tokens = { admin: madeUp(env, 'OBS_ADMIN_TOKEN'), assets: madeUp(env, 'OBS_ASSETS_TOKEN') };
  let studio: RunningStudio;
  try {
    studio = await listen({ port });
  } catch (error) {
    if ((error as { code?: string }).code !== 'EADDRINUSE') throw error;
    const other = `PORT=${port + 1} npm run example:studio`;
    return fail(`Port ${port} is taken. Stop what listens there, or choose another: ${other}`);
  }
  console.error(welcome(studio, tokens));
  stopOnSignal(studio);
  return 0;
}

/** A token for this run, where neither the variable nor its file says which. */
function madeUp(env: NodeJS.ProcessEnv, name: string): string | undefined {
  if (env[name] || env[`${name}_FILE`]) return undefined;
  env[name] = randomBytes(18).toString('base64url');
  return env[name];
}

function fail(message: string): number {
  console.error(`studio can't start: ${message}`);
  return 1;
}

/** What is under way is answered, within Plimsoll's own limits; it ends at once on a second signal. */
function stopOnSignal(studio: RunningStudio): void {
  const stop = async () => {
    for (const signal of SIGNALS) process.off(signal, onSignal);
    await studio.obs.read<{ run(): Promise<void> }>('drain')?.run();
    await studio.close();
  };
  const onSignal = () =>
    void stop().then(
      () => process.exit(0),
      () => process.exit(1),
    );
  for (const signal of SIGNALS) process.on(signal, onSignal);
}

interface Tokens {
  readonly admin: string | undefined;
  readonly assets: string | undefined;
}

/** A token that was given is not printed. */
function welcome({ origin, obs, settings }: RunningStudio, { admin, assets }: Tokens): string {
  return [
    '',
    `studio listens on ${origin}${obs.config.development ? ', in development' : ''}`,
    admin ? `Admin token, made up for this run: ${admin}` : 'Admin token: as OBS_ADMIN_TOKEN says',
    assets
      ? `Token that writes assets, made up for this run: ${assets}`
      : 'It writes assets: OBS_ASSETS_TOKEN',
    `What it writes is below ${settings.runtimeRoot}`,
    '',
    'Try:',
    `  curl -s ${origin}/health`,
    `  curl -s -H "X-Admin-Token: ${admin ?? '$OBS_ADMIN_TOKEN'}" ${origin}/ops/`,
    `  curl -s ${origin}/api/save/phase4 -H 'content-type: application/json' ` +
      `-d '{"vars":{"score":3},"node_pointer":"ending","seed":7}'`,
    `  curl -s ${origin}/api/save/list`,
    `  curl -s -H "Authorization: Bearer ${assets ?? '$OBS_ASSETS_TOKEN'}" ${origin}/assets/upload ` +
      '-F asset_type=scenes -F file=@scene.json',
    '',
  ].join('\n');
}
