import type { Overview } from '@plimsoll/wire';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Waiting } from '../../parts/state.tsx';
import type { Panel } from '../panel.ts';
import { Charts } from './charts.tsx';
import { Failures } from './failures.tsx';
import './overview.css';
import { Routes } from './routes.tsx';
import { ServiceCard } from './service-card.tsx';

function View() {
  const { from, to, step } = range.value;
  const answer = useAnswer<Overview>(`/overview${search({ from, to, step })}`, `overview ${rangeKey.value}`);
  const chosen = service();
  const shown = (answer.data?.services ?? []).filter(one => chosen === '' || one.service === chosen);
  return (
    <div class="overview">
      <h1 class="visually-hidden">Overview</h1>
      <Waiting answer={answer} empty={shown.length === 0 && <Nothing />}>
        <section class="cards" aria-label="Services">
          {shown.map(one => (
            <ServiceCard key={one.service} of={one} />
          ))}
        </section>
        <Charts times={answer.data?.times ?? []} services={shown}>
          <Failures />
        </Charts>
        <Routes />
      </Waiting>
    </div>
  );
}

function Nothing() {
  return (
    <>
      <h2>No service has reported yet</h2>
      <p>Start one with the console as its OTLP endpoint:</p>
      <pre>npx plimsoll dev app.ts{'\n'}OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4318 node app.js</pre>
    </>
  );
}

export const panel: Panel = {
  title: 'Overview',
  path: '/',
  order: 10,
  key: 'o',
  icon: 'M4 13h6V4H4v9Z M14 20h6v-9h-6v9Z M14 4v4h6V4h-6Z M4 17v3h6v-3H4Z',
  View,
};
