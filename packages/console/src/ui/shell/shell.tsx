import type { ServiceAnswer } from '@plimsoll/wire';
import { useEffect, useState } from 'preact/hooks';
import { go, hrefOf, path, setParams } from '../lib/address.ts';
import { useAnswer } from '../lib/answer.ts';
import { signedOut } from '../lib/api.ts';
import { date } from '../lib/format.ts';
import { moveRow, useKeys } from '../lib/keys.ts';
import { service, services } from '../lib/services.ts';
import { theme, toggleTheme } from '../lib/theme.ts';
import { now, paused, RANGES, range, relative, setRange } from '../lib/time.ts';
import { offerOf } from '../lib/use-ops.ts';
import type { Panel } from '../panels/panel.ts';
import { panelAt, panels } from '../panels/registry.ts';
import { Confirm } from '../parts/dialog.tsx';
import { Icon } from '../parts/icon.tsx';
import { Toasts } from '../parts/toast.tsx';
import { Help } from './help.tsx';
import { SignIn } from './sign-in.tsx';

/** The frame around every panel: navigation, service, range, theme, keys. */
export function Shell() {
  const [help, setHelp] = useState(false);
  const panel = panelAt(path.value);
  const seen = useAnswer<readonly ServiceAnswer[]>(`/services`, `services ${Math.floor(now.value / 5000)}`);
  useServices(seen.data);
  useKeys(shellKeys(() => setHelp(open => !open)));
  useEffect(() => {
    document.title = panel ? `${panel.title} · Plimsoll` : 'Plimsoll';
  }, [panel]);
  if (signedOut.value) return <SignIn />;
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={focusMain}>
        Skip to the content
      </button>
      <header class="bar">
        <a class="brand" href={hrefOf('/')} aria-label="Plimsoll, overview">
          <Mark />
          <span>Plimsoll</span>
        </a>
        <ServiceChoice />
        <RangeChoice />
        <div class="bar-end">
          <PauseButton />
          <IconButton
            label={theme.value === 'dark' ? 'Light theme' : 'Dark theme'}
            icon={ICONS.theme}
            onClick={toggleTheme}
          />
          <IconButton label="Keyboard help" icon={ICONS.help} onClick={() => setHelp(true)} />
        </div>
      </header>
      <nav class="rail" aria-label="Panels">
        {panels.map(one => (
          <PanelLink key={one.path} of={one} current={one === panel} />
        ))}
      </nav>
      <main id="main" tabIndex={-1}>
        {panel ? <panel.View key={panel.path} /> : <NotFound />}
      </main>
      {help && <Help onClose={() => setHelp(false)} />}
      <Confirm />
      <Toasts />
    </div>
  );
}

/** Greyed where the service does not offer what it lives from; it still leads there, where the reason stands. */
function PanelLink({ of, current }: { of: Panel; current: boolean }) {
  const { path: to, icon, title, requires } = of;
  const missing = requires !== undefined && offerOf(requires).state !== 'offered';
  return (
    <a
      href={hrefOf(to)}
      aria-current={current ? 'page' : undefined}
      data-missing={missing || undefined}
      title={missing ? `${title}: not offered by ${service() || 'any service'}` : undefined}
    >
      <Icon d={icon} />
      <span>{title}</span>
    </a>
  );
}

function focusMain(): void {
  document.getElementById('main')?.focus();
}

function useServices(rows: readonly ServiceAnswer[] | undefined): void {
  useEffect(() => {
    if (rows) services.value = rows;
  }, [rows]);
}

function shellKeys(toggleHelp: () => void) {
  return {
    ...Object.fromEntries(panels.map(panel => [`g ${panel.key}`, () => go(hrefOf(panel.path))])),
    '/': () => document.querySelector<HTMLElement>('[data-search]')?.focus(),
    '?': toggleHelp,
    t: toggleTheme,
    p: () => {
      paused.value = !paused.value;
    },
    j: () => moveRow(1),
    k: () => moveRow(-1),
    x: () =>
      document.activeElement?.closest('tr')?.querySelector<HTMLElement>('input[type=checkbox]')?.click(),
  };
}

const ICONS = {
  theme: 'M12 3a9 9 0 1 0 0 18V3Z M12 3a9 9 0 0 1 0 18',
  help: 'M9.1 9a3 3 0 1 1 4.4 2.7c-.9.5-1.5 1.2-1.5 2.3 M12 17.5v.1 M12 3a9 9 0 1 0 0 18 9 9 0 0 0 0-18Z',
  pause: 'M9 5v14 M15 5v14',
  play: 'M7 5l12 7-12 7Z',
};

function Mark() {
  return (
    <svg viewBox="0 0 32 32" class="mark" aria-hidden="true">
      <circle cx="16" cy="16" r="9" />
      <path d="M2 16h28" />
    </svg>
  );
}

function IconButton({ label, icon, onClick }: { label: string; icon: string; onClick: () => void }) {
  return (
    <button type="button" class="icon-button" aria-label={label} title={label} onClick={onClick}>
      <Icon d={icon} />
    </button>
  );
}

function ServiceChoice() {
  const known = services.value.map(row => row.service).sort();
  const chosen = service();
  const all = chosen && !known.includes(chosen) ? [...known, chosen] : known;
  return (
    <label class="choice">
      <span class="visually-hidden">Service</span>
      <select
        value={chosen}
        onChange={event => setParams({ service: event.currentTarget.value }, { push: true })}
      >
        <option value="">All services</option>
        {all.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

function RangeChoice() {
  const fixed = relative.value === undefined;
  return (
    <label class="choice">
      <span class="visually-hidden">Time range</span>
      <select value={relative.value?.id ?? 'fixed'} onChange={event => setRange(event.currentTarget.value)}>
        {fixed && (
          <option value="fixed">
            {date(range.value.from)} – {date(range.value.to)}
          </option>
        )}
        {RANGES.map(one => (
          <option key={one.id} value={one.id}>
            {one.label}
          </option>
        ))}
      </select>
    </label>
  );
}

function PauseButton() {
  const still = paused.value || relative.value === undefined;
  const label =
    relative.value === undefined ? 'Paused, back to live' : paused.value ? 'Paused, resume' : 'Live, pause';
  const press = () => {
    if (relative.value === undefined) setRange('15m');
    else paused.value = !paused.value;
  };
  return (
    <button
      type="button"
      class="live-button"
      data-live={!still}
      aria-label={label}
      title={`${label} (p)`}
      onClick={press}
    >
      <span class="dot" aria-hidden="true" />
      {still ? 'Paused' : 'Live'}
    </button>
  );
}

function NotFound() {
  return (
    <div class="empty">
      <h1>Nothing here</h1>
      <p>
        No panel has this address. <a href={hrefOf('/')}>Go to the overview</a>.
      </p>
    </div>
  );
}
