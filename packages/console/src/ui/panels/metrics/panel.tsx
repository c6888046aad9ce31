import type { MetricInfo } from '@plimsoll/wire';
import { useState } from 'preact/hooks';
import { hrefOf, param } from '../../lib/address.ts';
import { useAnswer } from '../../lib/answer.ts';
import { search } from '../../lib/api.ts';
import { service } from '../../lib/services.ts';
import { range, rangeKey } from '../../lib/time.ts';
import { Waiting } from '../../parts/state.tsx';
import type { Panel } from '../panel.ts';
import { Metric } from './metric.tsx';
import './metrics.css';

function View() {
  const { from, to } = range.value;
  const answer = useAnswer<readonly MetricInfo[]>(
    `/metrics${search({ from, to })}`,
    `metrics ${rangeKey.value}`,
  );
  const chosen = service();
  const names = (answer.data ?? []).filter(info => chosen === '' || info.services.includes(chosen));
  const name = param('name');
  const info = names.find(one => one.name === name);
  return (
    <div class="metrics" data-chosen={name !== ''}>
      <div class="title-row">
        <h1>Metrics</h1>
      </div>
      <Waiting answer={answer} empty={names.length === 0 && <h2>No metric in this range</h2>}>
        <div class="metric-body">
          <Names names={names} />
          {info ? (
            <Metric key={name} info={info} />
          ) : (
            <div class="notice">{name ? `${name} has no points in this range.` : 'Choose a metric.'}</div>
          )}
        </div>
      </Waiting>
    </div>
  );
}

function Names({ names }: { names: readonly MetricInfo[] }) {
  const [text, setText] = useState('');
  const words = text.toLowerCase().split(/\s+/);
  const shown = names.filter(info =>
    words.every(word => `${info.name} ${info.help}`.toLowerCase().includes(word)),
  );
  return (
    <nav class="names" aria-label="Metric names">
      <label class="field">
        <span>Search</span>
        <input
          type="search"
          data-search=""
          value={text}
          placeholder={`Search ${names.length} metrics`}
          onInput={event => setText(event.currentTarget.value)}
        />
      </label>
      <ul>
        {shown.map(info => (
          <li key={info.name}>
            <a
              data-row
              href={hrefOf('/metrics', { name: info.name })}
              aria-current={param('name') === info.name ? 'true' : undefined}
            >
              <span>{info.name}</span>
              <small>{info.type}</small>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
}

export const panel: Panel = {
  title: 'Metrics',
  path: '/metrics',
  order: 40,
  key: 'm',
  icon: 'M4 19V5 M4 19h16 M8 15l4-5 3 3 5-7',
  View,
};
