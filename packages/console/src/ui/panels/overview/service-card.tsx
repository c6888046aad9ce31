import type { HealthCheck, ServiceHealth, ServiceOverview } from '@plimsoll/wire';
import { setParams } from '../../lib/address.ts';
import { age, bytes, duration, percent, perSecond, timeOfDay } from '../../lib/format.ts';
import { serviceColor } from '../../lib/services.ts';
import { now } from '../../lib/time.ts';
import { lastOf, Spark } from '../../parts/spark.tsx';

const WORDS = {
  ok: 'Healthy',
  degraded: 'Degraded',
  unreachable: 'Unreachable',
  unknown: 'Health unknown',
} as const;

export function ServiceCard({ of }: { of: ServiceOverview }) {
  const color = serviceColor(of.service);
  const figures = [
    ['Requests', of.rate, perSecond],
    ['p95', of.p95, duration],
    ['Errors', of.errors, percent],
    ['Loop delay', of.loop, duration],
    ['Memory', of.memory, bytes],
  ] as const;
  return (
    <article class="card service" data-health={of.health.status}>
      <header>
        <h2>
          <button type="button" onClick={() => setParams({ service: of.service }, { push: true })}>
            <i class="swatch" style={{ background: color }} />
            {of.service}
          </button>
        </h2>
        <p class="meta">
          {[of.version, of.environment].filter(word => word && word !== 'unknown').join(' · ')}
          <span title="When its newest row came">seen {ago(of.lastSeen)}</span>
        </p>
      </header>
      <Health health={of.health} />
      <dl class="figures">
        {figures.map(([label, values, format]) => {
          const last = lastOf(values);
          return (
            <div key={label} data-bad={label === 'Errors' && (last ?? 0) > 0}>
              <dt>{label}</dt>
              <dd>{last === null ? '–' : format(last)}</dd>
              <Spark values={values} color={label === 'Errors' ? 'var(--bad)' : color} />
            </div>
          );
        })}
      </dl>
    </article>
  );
}

function ago(time: number): string {
  const word = age(now.value - time);
  return word === 'now' ? word : `${word} ago`;
}

function Health({ health }: { health: ServiceHealth }) {
  return (
    <div class="health">
      <p>
        <strong class={`status ${health.status}`}>{WORDS[health.status]}</strong>
        {health.time !== undefined && <span class="meta">asked {ago(health.time)}</span>}
      </p>
      {health.history.length > 0 && <History of={health.history} />}
      {health.checks.length > 0 && (
        <ul class="checks">
          {health.checks.map(check => (
            <Check key={check.name} of={check} />
          ))}
        </ul>
      )}
      {health.status === 'unknown' && <p class="meta">No address of its ops API is known.</p>}
    </div>
  );
}

function Check({ of: { name, ok, latencyMs, ageMs, error } }: { of: HealthCheck }) {
  const took = latencyMs === undefined ? '' : ` ${duration(latencyMs)}`;
  const when = typeof ageMs === 'number' ? `, checked ${age(ageMs)} before it was asked` : '';
  return (
    <li
      class={ok ? 'check ok' : 'check bad'}
      title={`${name}: ${ok ? 'ok' : (error ?? 'failing')}${took}${when}`}
    >
      <span aria-hidden="true">{ok ? '✓' : '✕'}</span> {name}
      <small>
        {ok ? `${took}${typeof ageMs === 'number' ? ` · ${age(ageMs)}` : ''}` : ` ${error ?? 'failing'}`}
      </small>
    </li>
  );
}

const SHOWN = 40;

function History({ of }: { of: ServiceHealth['history'] }) {
  const shown = of.slice(-SHOWN);
  const bad = shown.filter(one => one.status !== 'ok').length;
  const since = timeOfDay(shown[0]?.time ?? 0);
  return (
    <div
      class="history"
      role="img"
      aria-label={`${shown.length} answers since ${since}, ${bad} of them not healthy`}
    >
      {shown.map(one => (
        <i key={one.time} class={one.status} title={`${timeOfDay(one.time)} ${one.status}`} />
      ))}
    </div>
  );
}
