import {
  readExponentialPoint,
  readHistogramPoint,
  readNumberPoint,
  readSummaryPoint,
} from './decode-points.ts';
import { temporalityOf } from './draft.ts';
import { decodeGroups } from './groups.ts';
import { fields, type Reader } from './reader.ts';
import type { DecodedMetric, DecodedMetrics, Temporality } from './types.ts';

const METRIC = fields(1, 2, 3, 5, 7, 9, 10, 11);
const DATA = fields(1, 2, 3);

/** Reads an ExportMetricsServiceRequest. Throws `OtlpError` (PLIMSOLL_BAD_OTLP) and nothing else. */
export function decodeMetrics(bytes: Uint8Array): DecodedMetrics {
  return decodeGroups(bytes, readMetric);
}

interface Data<P> {
  points: P[];
  temporality: Temporality;
  monotonic: boolean;
}

function readMetric(r: Reader): DecodedMetric {
  const outer = r.open();
  const base = { name: '', description: '', unit: '' };
  let data: (name: typeof base) => DecodedMetric = name => ({ ...name, type: 'empty' });
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) base.name = r.utf8();
    else if (tag === 0x12) base.description = r.utf8();
    else if (tag === 0x1a) base.unit = r.utf8();
    else data = readKind(r, tag) ?? data;
  }
  r.close(outer);
  return data(base);
}

type Named = Pick<DecodedMetric, 'name' | 'description' | 'unit'>;

/** The data of the metric in the field that `tag` opens; the name may come after it. */
function readKind(r: Reader, tag: number): ((name: Named) => DecodedMetric) | undefined {
  switch (tag) {
    case 0x2a: {
      const { points } = readData(r, readNumberPoint);
      return name => ({ ...name, type: 'gauge', points });
    }
    case 0x3a: {
      const { points, temporality, monotonic } = readData(r, readNumberPoint);
      return name => ({ ...name, type: 'sum', temporality, monotonic, points });
    }
    case 0x4a: {
      const { points, temporality } = readData(r, readHistogramPoint);
      return name => ({ ...name, type: 'histogram', temporality, points });
    }
    case 0x52: {
      const { points, temporality } = readData(r, readExponentialPoint);
      return name => ({ ...name, type: 'exponential', temporality, points });
    }
    case 0x5a: {
      const { points } = readData(r, readSummaryPoint);
      return name => ({ ...name, type: 'summary', points });
    }
  }
  r.skip(tag, METRIC);
  return undefined;
}

function readData<P>(r: Reader, readPoint: (r: Reader) => P): Data<P> {
  const outer = r.open();
  const data: Data<P> = { points: [], temporality: 'unspecified', monotonic: false };
  while (r.more()) {
    const tag = r.varint();
    if (tag === 0x0a) data.points.push(readPoint(r));
    else if (tag === 0x10) data.temporality = temporalityOf(r.uint32());
    else if (tag === 0x18) data.monotonic = r.varint() !== 0;
    else r.skip(tag, DATA);
  }
  r.close(outer);
  return data;
}
