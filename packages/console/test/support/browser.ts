import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { type Browser, chromium, type Page } from 'playwright-core';

const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium';
const ROOT = join(import.meta.dirname, '../../../..');
const SCREENSHOTS = join(ROOT, 'screenshots/console');
/** Nothing may go out but what the page asks for. */
const QUIET = [
  '--no-sandbox',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
];

export function hasChromium(t: TestContext): boolean {
  if (existsSync(CHROMIUM)) return true;
  if (process.env['PLIMSOLL_TEST_REQUIRE'] === 'all') throw new Error(`no Chromium at ${CHROMIUM}`);
  t.skip('needs Chromium: apt-get install chromium, or CHROMIUM=/path/to/it');
  return false;
}

export interface Watched {
  /** What the pages complained about, and what they asked of other hosts. */
  readonly faults: readonly string[];
  open(path: string, options?: OpenOptions): Promise<Page>;
}

export interface OpenOptions {
  readonly theme?: 'dark' | 'light';
  readonly phone?: boolean;
}

/** A browser whose pages are watched: errors, warnings of the policy, and requests to another host are faults. */
export async function browse(t: TestContext, url: string, more: readonly string[] = []): Promise<Watched> {
  const browser: Browser = await chromium.launch({ executablePath: CHROMIUM, args: [...QUIET, ...more] });
  t.after(() => browser.close());
  const faults: string[] = [];
  const { host } = new URL(url);
  return {
    faults,
    async open(path, { theme = 'dark', phone = false } = {}) {
      const viewport = phone ? { width: 390, height: 844 } : { width: 1440, height: 900 };
      const context = await browser.newContext({ viewport, colorScheme: theme, reducedMotion: 'reduce' });
      context.setDefaultTimeout(15_000);
      const page = await context.newPage();
      page.on('console', message => {
        if (message.type() === 'error' || message.type() === 'warning')
          faults.push(`${path}: ${message.text()}`);
      });
      page.on('pageerror', error => faults.push(`${path}: ${error.message}`));
      page.on('request', request => {
        const asked = new URL(request.url());
        if (asked.protocol !== 'data:' && asked.host !== host) faults.push(`${path}: asked ${asked.host}`);
      });
      await page.goto(`${url}${path}`);
      return page;
    },
  };
}

/** Into an ignored folder, for people. */
export async function shoot(page: Page, name: string): Promise<void> {
  await page.screenshot({ path: join(SCREENSHOTS, `${name}.png`) });
}

const AXE = createRequire(import.meta.url).resolve('axe-core/axe.min.js');

/** What axe calls serious or critical, as `rule: elements`. */
export async function seriousFaults(page: Page): Promise<readonly string[]> {
  // The page's policy allows no foreign script, so it comes in through the protocol.
  const { readFile } = await import('node:fs/promises');
  await page.evaluate(await readFile(AXE, 'utf8'));
  const run = "axe.run(document, { resultTypes: ['violations'] })";
  const { violations } = (await page.evaluate(run)) as {
    violations: { id: string; impact: string; nodes: { html: string }[] }[];
  };
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(({ id, nodes }) => `${id}: ${nodes.map(node => node.html.slice(0, 160)).join(' | ')}`);
}

/** True where the page, or its main part, is wider than the screen. */
export function overflows(page: Page): Promise<boolean> {
  return page.evaluate(
    `[document.documentElement, document.querySelector('main')].some(e => e && e.scrollWidth > e.clientWidth + 1)`,
  );
}
