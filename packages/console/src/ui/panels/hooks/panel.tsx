import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import type { Panel } from '../panel.ts';
import { CatalogueCard } from './catalogue.tsx';
import { Deliveries } from './deliveries.tsx';
import './hooks.css';
import { Plugins } from './plugins.tsx';
import { Stream } from './stream.tsx';
import { Webhooks } from './webhooks.tsx';

/** Ours, and that of the host whose hooks these were first. */
const REQUIRES = ['/api/hooks', '/api/modder/hooks'];

/** What every card is about: a service, and where its hook bus is. */
export interface Bus {
  readonly service: string;
  readonly prefix: string;
}

function View() {
  return (
    <Offering requires={REQUIRES}>
      {offer => {
        const bus: Bus = { service: offer.service, prefix: offer.prefix };
        return (
          <div class="hooks" key={offer.service}>
            <div class="title-row">
              <h1>Hooks</h1>
              <ServicePicker offer={offer} />
            </div>
            <Stream {...bus} />
            <Webhooks {...bus} />
            <Deliveries {...bus} />
            <Plugins {...bus} />
            <CatalogueCard {...bus} />
          </div>
        );
      }}
    </Offering>
  );
}

export const panel: Panel = {
  title: 'Hooks',
  path: '/hooks',
  order: 60,
  key: 'h',
  icon: 'M12 4v9 M12 13a4 4 0 1 1-4 4 M9 4h6 M16 17h3',
  requires: REQUIRES,
  View,
};
