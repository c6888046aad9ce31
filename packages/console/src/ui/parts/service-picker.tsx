import type { ComponentChildren } from 'preact';
import { setParams } from '../lib/address.ts';
import { type Offer, offerOf, type Requires } from '../lib/use-ops.ts';

type Offered = Extract<Offer, { readonly state: 'offered' }>;

/** Which of the services that offer a panel it is about; nothing where there is no choice. */
export function ServicePicker({ offer }: { offer: Offered }) {
  if (offer.choices.length < 2) return <span class="meta">{offer.service}</span>;
  return (
    <label class="choice">
      <span class="visually-hidden">Service of this panel</span>
      <select
        value={offer.service}
        onChange={event => setParams({ service: event.currentTarget.value }, { push: true })}
      >
        {offer.choices.map(name => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  );
}

const WHY: Readonly<Record<Exclude<Offer['state'], 'offered'>, (name: string) => ComponentChildren>> = {
  unknown: () => 'Asking what the services offer…',
  silent: name => (
    <>
      <h2>No ops API is known{name && ` of ${name}`}</h2>
      <p>
        Start the service with <code>npx plimsoll dev</code>, or name it in the file of{' '}
        <code>PLIMSOLL_CONSOLE_TARGETS</code>.
      </p>
    </>
  ),
  locked: name => (
    <>
      <h2>The console has no admin token{name && ` of ${name}`}</h2>
      <p>
        Under <code>npx plimsoll dev</code> it gets one by itself; else the file of{' '}
        <code>PLIMSOLL_CONSOLE_TARGETS</code> has it.
      </p>
    </>
  ),
  missing: name => (
    <>
      <h2>{name || 'No service'} does not offer this</h2>
      <p>Its part is off, or this version does not have it.</p>
    </>
  ),
};

/** Shows what a service's ops API feeds, or why there is nothing to show. */
export function Offering({
  requires,
  children,
}: {
  requires: Requires;
  children: (offer: Offered) => ComponentChildren;
}) {
  const offer = offerOf(requires);
  if (offer.state === 'offered') return <>{children(offer)}</>;
  return <div class="notice">{WHY[offer.state](offer.service)}</div>;
}
