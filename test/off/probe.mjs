/**
 * Preloaded into an app (`node --import`): takes stock of the process before the app's first line and, when asked,
 * tells what is different. It runs as it is in both processes, so what it costs itself cancels out.
 */

import diagnostics from 'node:diagnostics_channel';
import events from 'node:events';
import fs from 'node:fs';
import http from 'node:http';
import https from 'node:https';
import { createRequire, registerHooks, syncBuiltinESMExports } from 'node:module';
import net from 'node:net';

const require = createRequire(import.meta.url);
const modules = new Set();
registerHooks({
  load(url, context, next) {
    if (!url.startsWith('node:')) modules.add(url);
    return next(url, context);
  },
});

const reads = [];
const traced = process.env.PROBE_READS === '1';
if (traced) {
  const wrap = (owner, name) => {
    const original = owner[name];
    owner[name] = function (...args) {
      if (typeof args[0] === 'string' || args[0] instanceof URL) reads.push(`${name} ${args[0]}`);
      return original.apply(this, args);
    };
  };
  const names = [
    'readFile',
    'open',
    'stat',
    'access',
    'readdir',
    'mkdir',
    'writeFile',
    'watch',
    'createReadStream',
  ];
  for (const name of names
    .flatMap(one => [one, `${one}Sync`])
    .concat('existsSync', 'realpathSync', 'lstatSync')) {
    if (typeof fs[name] === 'function') wrap(fs, name);
  }
  for (const name of names) if (typeof fs.promises[name] === 'function') wrap(fs.promises, name);
  syncBuiltinESMExports();
}

const HOLDERS = {
  fs,
  'fs.promises': fs.promises,
  http,
  https,
  net,
  'http.Server': http.Server.prototype,
  'http.IncomingMessage': http.IncomingMessage.prototype,
  'http.ServerResponse': http.ServerResponse.prototype,
  'http.OutgoingMessage': http.OutgoingMessage.prototype,
  'http.ClientRequest': http.ClientRequest.prototype,
  'net.Socket': net.Socket.prototype,
  'net.Server': net.Server.prototype,
  'events.prototype': events.prototype,
  globalThis,
  console,
  process,
  Promise,
  'Promise.prototype': Promise.prototype,
  'Array.prototype': Array.prototype,
  'Object.prototype': Object.prototype,
  Error,
  'Module.prototype': require('node:module').prototype,
};
const stock = new Map();
for (const [holder, object] of Object.entries(HOLDERS)) {
  for (const key of Reflect.ownKeys(object)) {
    const descriptor = Object.getOwnPropertyDescriptor(object, key);
    // Reading through a lazy getter (fetch, crypto, …) would load what it stands for, in both processes or in one.
    stock.set(`${holder}.${String(key)}`, descriptor?.value ?? descriptor?.get);
  }
}

const CHANNELS = [
  'http.client.request.created',
  'http.client.request.start',
  'http.client.request.error',
  'http.client.response.finish',
  'http.server.request.start',
  'http.server.response.created',
  'http.server.response.finish',
  'net.client.socket',
  'net.server.socket',
  'undici:request:create',
  'undici:request:headers',
  'undici:request:trailers',
  'undici:request:error',
  'undici:client:sendHeaders',
  'child_process',
  'tracing:fastify.request.handler:start',
  'tracing:module.require:start',
  'tracing:module.import:start',
];

function changed() {
  const found = [];
  for (const [holder, object] of Object.entries(HOLDERS)) {
    for (const key of Reflect.ownKeys(object)) {
      const name = `${holder}.${String(key)}`;
      const descriptor = Object.getOwnPropertyDescriptor(object, key);
      const value = descriptor?.value ?? descriptor?.get;
      if (typeof value !== 'function') {
        if (!stock.has(name)) found.push(`${name} added`);
      } else if (stock.get(name) !== value) found.push(`${name} changed`);
    }
  }
  return found.sort();
}

const listeners = emitter =>
  Object.fromEntries(emitter.eventNames().map(name => [String(name), emitter.listenerCount(name)]));

globalThis[Symbol.for('probe')] = ({ server }) => ({
  resources: process.getActiveResourcesInfo().sort(),
  process: listeners(process),
  stdout: listeners(process.stdout),
  stderr: listeners(process.stderr),
  server: listeners(server),
  changed: changed(),
  symbols: Object.getOwnPropertySymbols(globalThis).map(String).sort(),
  channels: CHANNELS.filter(name => diagnostics.hasSubscribers(name)),
  environment: Object.keys(process.env).sort(),
  modules: [...new Set([...modules, ...Object.keys(require.cache).map(path => `file://${path}`)])].sort(),
  reads: reads.filter(line => !/\.(js|cjs|mjs|node)$/.test(line)),
});
