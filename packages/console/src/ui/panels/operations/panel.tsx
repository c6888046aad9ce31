import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import type { Panel } from '../panel.ts';
import { LogLevel } from './log-level.tsx';
import './operations.css';
import { RouteList } from './routes.tsx';

const REQUIRES = '/ops';

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="operations">
          <div class="title-row">
            <h1>Operations</h1>
            <ServicePicker offer={offer} />
          </div>
          <LogLevel key={`level ${offer.service}`} service={offer.service} />
          <RouteList key={offer.service} service={offer.service} />
        </div>
      )}
    </Offering>
  );
}

export const panel: Panel = {
  title: 'Operations',
  path: '/operations',
  order: 90,
  key: 'p',
  icon: 'M4 7h10 M18 7h2 M16 5v4 M4 17h2 M10 17h10 M8 15v4',
  requires: REQUIRES,
  View,
};
