#!/usr/bin/env node
// Plain JavaScript, committed: it must run before anything is built, and where the CLI is not installed.
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const CLI = '@plimsoll/cli';

function notInstalled(error) {
  return ['ERR_MODULE_NOT_FOUND', 'MODULE_NOT_FOUND'].includes(error?.code) && error.message.includes(CLI);
}

/** From beside this package, else from the project: strict package managers let us see only the latter. */
async function load() {
  try {
    return await import('@plimsoll/cli');
  } catch (error) {
    if (!notInstalled(error)) throw error;
    const resolve = createRequire(join(process.cwd(), 'package.json')).resolve;
    return import(pathToFileURL(resolve(CLI)).href);
  }
}

load()
  .then(({ run }) => run(process.argv.slice(2)))
  .then(
    code => {
      process.exitCode = code;
    },
    error => {
      process.exitCode = 1;
      if (!notInstalled(error)) throw error;
      console.error(
        `The plimsoll command needs ${CLI}. Install it with:\n\n  npm install --save-dev ${CLI}\n`,
      );
    },
  );
