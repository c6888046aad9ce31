import type { Box } from './store/store.ts';

export interface Point {
  readonly lat: number;
  readonly lon: number;
}

/** Mean radius of the earth in metres. */
const EARTH = 6_371_008.8;
const RAD = Math.PI / 180;

/** Great-circle distance in metres (haversine). */
export function metres(a: Point, b: Point): number {
  const half =
    Math.sin(((b.lat - a.lat) * RAD) / 2) ** 2 +
    Math.cos(a.lat * RAD) * Math.cos(b.lat * RAD) * Math.sin(((b.lon - a.lon) * RAD) / 2) ** 2;
  return 2 * EARTH * Math.asin(Math.min(1, Math.sqrt(half)));
}

/** A rectangle that holds the whole circle; near a pole it takes in every meridian. */
export function boxAround({ lat, lon }: Point, radius: number): Box {
  const up = radius / EARTH / RAD;
  const [south, north] = [lat - up, lat + up];
  const widest = Math.cos(Math.min(Math.max(Math.abs(south), Math.abs(north)), 90) * RAD);
  const aside = widest <= 0 ? 180 : up / widest;
  if (aside >= 180) return { south, north, west: -180, east: 180 };
  return { south, north, west: wrap(lon - aside), east: wrap(lon + aside) };
}

const wrap = (lon: number) => (lon < -180 ? lon + 360 : lon > 180 ? lon - 360 : lon);

/** The least step in which a distance is told to anyone. */
export const STEP_M = 10;

/** Distance rounded up to a multiple of the step, or of the person's own blur where that is coarser. */
export function bucket(distance: number, blurM: number): number {
  const step = Math.max(STEP_M, blurM);
  return Math.max(1, Math.ceil(distance / step)) * step;
}
