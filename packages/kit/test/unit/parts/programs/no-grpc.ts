// Says what the config makes of an OTLP endpoint, and which files of gRPC were loaded.
import { registerHooks } from 'node:module';

const loaded: string[] = [];
registerHooks({
  resolve(name, context, next) {
    if (name === '@grpc/grpc-js')
      throw Object.assign(new Error('not here'), { code: 'ERR_MODULE_NOT_FOUND' });
    return next(name, context);
  },
  load(url, context, next) {
    if (url.includes('grpc') && !url.endsWith('no-grpc.ts')) loaded.push(url);
    return next(url, context);
  },
});
const { init } = await import('../../../../src/app/init.ts');
const endpoint = process.env['WITH'] === 'http' ? 'http://127.0.0.1:9' : 'grpc://127.0.0.1:9';
process.env['OTEL_EXPORTER_OTLP_ENDPOINT'] = endpoint;
process.env['OBS_LOG_STDOUT'] = 'false';
const obs = await init({ env: 'production' });
const findings = obs.health.findings();
console.log(JSON.stringify({ findings, wanted: obs.read('otlp') !== undefined, loaded }));
process.exit(0);
