import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import type { Panel } from '../panel.ts';
import { Consent } from './consent.tsx';
import { Leaving } from './leaving.tsx';
import { Ledger } from './ledger.tsx';
import './privacy.css';

const REQUIRES = '/api/telemetry';

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="privacy">
          <div class="title-row">
            <h1>Privacy</h1>
            <ServicePicker offer={offer} />
          </div>
          <Cards key={offer.service} service={offer.service} prefix={offer.prefix} />
        </div>
      )}
    </Offering>
  );
}

export interface At {
  readonly service: string;
  readonly prefix: string;
}

function Cards(at: At) {
  return (
    <>
      <Consent {...at} />
      <Leaving {...at} />
      <Ledger {...at} />
    </>
  );
}

export const panel: Panel = {
  title: 'Privacy',
  path: '/privacy',
  order: 75,
  key: 'v',
  icon: 'M12 3l7 3v5c0 5-3 8-7 10-4-2-7-5-7-10V6z',
  requires: REQUIRES,
  View,
};
