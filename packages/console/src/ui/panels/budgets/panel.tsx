import type { BudgetSnapshot } from '@plimsoll/wire';
import { useOps } from '../../lib/use-ops.ts';
import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import { Waiting } from '../../parts/state.tsx';
import type { Panel } from '../panel.ts';
import { Assets } from './assets.tsx';
import './budgets.css';
import { CpuProfiler } from './cpu-profiler.tsx';
import { Limits } from './limits.tsx';
import { ProfilerTables } from './profiler-tables.tsx';
import { Queue } from './queue.tsx';

const REQUIRES = '/api/perf';
const EVERY_MS = 2000;

interface Health {
  readonly budgets_enabled: boolean;
  readonly profiler_enabled: boolean;
}

function Content({ service, prefix }: { service: string; prefix: string }) {
  const health = useOps<Health>(service, `${prefix}/health`, { everyMs: EVERY_MS * 2 });
  return (
    <Waiting answer={health}>
      {health.data?.budgets_enabled ? (
        <Budgets service={service} prefix={prefix} />
      ) : (
        <Off what="Budgets" flag="enable_perf_budgets" service={service} />
      )}
      {health.data?.profiler_enabled ? (
        <>
          <ProfilerTables service={service} prefix={prefix} />
          <CpuProfiler service={service} prefix={prefix} />
        </>
      ) : (
        <Off what="The profiler" flag="enable_perf_profiler_dashboard" service={service} />
      )}
    </Waiting>
  );
}

function Budgets({ service, prefix }: { service: string; prefix: string }) {
  const state = useOps<BudgetSnapshot>(service, `${prefix}/budgets`, { everyMs: EVERY_MS });
  return (
    <Waiting answer={state}>
      {state.data && (
        <>
          <Limits service={service} prefix={prefix} state={state.data} reload={state.reload} />
          <Queue state={state.data} />
          <Assets state={state.data} />
        </>
      )}
    </Waiting>
  );
}

function Off({ what, flag, service }: { what: string; flag: string; service: string }) {
  return (
    <div class="notice">
      <h2>
        {what} of {service} {what === 'Budgets' ? 'are' : 'is'} off
      </h2>
      <p>
        Set <code>features.enable_perf</code>, or <code>{flag}</code> alone, in the config file of the
        service; it follows without a restart.
      </p>
    </div>
  );
}

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="budgets">
          <div class="title-row">
            <h1>Budgets and profiler</h1>
            <ServicePicker offer={offer} />
          </div>
          <Content key={offer.service} service={offer.service} prefix={offer.prefix} />
        </div>
      )}
    </Offering>
  );
}

export const panel: Panel = {
  title: 'Budgets',
  path: '/budgets',
  order: 60,
  key: 'b',
  icon: 'M4 18a8 8 0 1 1 16 0 M12 18l4-6 M4 18h2 M18 18h2 M12 10v1',
  requires: REQUIRES,
  View,
};
