import { path } from '../../lib/address.ts';
import { Offering, ServicePicker } from '../../parts/service-picker.tsx';
import type { Panel } from '../panel.ts';
import './crashes.css';
import { Dump } from './dump.tsx';
import { Groups } from './groups.tsx';

const REQUIRES = '/api/crashes';

function View() {
  const id = path.value.slice('/crashes/'.length);
  return (
    <Offering requires={REQUIRES}>
      {offer => (
        <div class="crashes">
          {id === '' ? (
            <>
              <div class="title-row">
                <h1>Crashes</h1>
                <ServicePicker offer={offer} />
              </div>
              <Groups key={offer.service} service={offer.service} />
            </>
          ) : (
            <Dump key={`${offer.service} ${id}`} service={offer.service} id={id} />
          )}
        </div>
      )}
    </Offering>
  );
}

export const panel: Panel = {
  title: 'Crashes',
  path: '/crashes',
  order: 50,
  key: 'x',
  icon: 'M12 4l9 16H3z M12 10v4 M12 17v.5',
  requires: REQUIRES,
  View,
};
