import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Kit } from '../../../kernel/part.ts';
import type { BusSink, Raised } from '../bus.ts';
import { Plugin, type PluginHost, type PluginState } from './plugin.ts';

export type Failed = (who: string, error: unknown, fields?: Readonly<Record<string, unknown>>) => void;

const LOOK_MS = 250;
const SOURCE = /^[^._].*\.(?:js|mjs|cjs|ts|mts|cts)$/;

interface Known {
  readonly stamp: string;
  readonly plugin: Plugin;
}

/**
 * The plugins of one folder, each top-level file in a worker of its own. A file that changes is loaded anew, one that
 * goes is ended. Looked at by time, which works on every file system and for a folder that comes later.
 */
export class Plugins implements BusSink {
  readonly name = 'plugins';
  readonly #root: string;
  readonly #host: PluginHost;
  readonly #known = new Map<string, Known>();
  readonly #timer: NodeJS.Timeout;
  #looking: Promise<void>;
  #closed = false;

  constructor(kit: Kit, root: string, failed: Failed) {
    this.#root = root;
    const log = kit.log.named('plimsoll.hooks');
    this.#host = {
      timeoutMs: kit.config.get('hooks.pluginTimeoutMs'),
      failed: (plugin, error) => failed('plugin', error, { plugin }),
      printed: (plugin, text) => log.info({ plugin, output: text }, 'plugin_output'),
    };
    this.#looking = this.#look();
    this.#timer = setInterval(() => {
      this.#looking = this.#looking.then(() => this.#look());
    }, LOOK_MS).unref();
  }

  view(): readonly PluginState[] {
    return [...this.#known.values()].map(({ plugin }) => plugin.view);
  }

  /** Resolves after the first look at the folder. */
  ready(): Promise<void> {
    return this.#looking;
  }

  take({ envelope }: Raised): void {
    for (const { plugin } of this.#known.values()) plugin.take(envelope);
  }

  async close(): Promise<void> {
    this.#closed = true;
    clearInterval(this.#timer);
    await this.#looking;
    await Promise.all([...this.#known.values()].map(({ plugin }) => plugin.stop()));
  }

  async #look(): Promise<void> {
    const found = await this.#files();
    if (this.#closed) return;
    for (const [file, { plugin }] of this.#known) {
      if (found.has(file)) continue;
      this.#known.delete(file);
      void plugin.stop();
    }
    for (const [file, stamp] of found) {
      const known = this.#known.get(file);
      if (known?.stamp === stamp) continue;
      void known?.plugin.stop();
      this.#known.set(file, { stamp, plugin: new Plugin(file, join(this.#root, file), this.#host) });
    }
  }

  /** File → what changes when it does. A folder that is not there has none. */
  async #files(): Promise<ReadonlyMap<string, string>> {
    const entries = await readdir(this.#root, { withFileTypes: true }).catch(() => []);
    const files = new Map<string, string>();
    for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
      if (!entry.isFile() || !SOURCE.test(entry.name)) continue;
      const seen = await stat(join(this.#root, entry.name), { bigint: true }).catch(() => undefined);
      if (seen !== undefined) files.set(entry.name, `${seen.mtimeNs}:${seen.size}:${seen.ino}`);
    }
    return files;
  }
}
