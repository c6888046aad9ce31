import type { Privacy } from '@plimsoll/privacy';
import type {
  AttributeValue,
  DecodedLogs,
  DecodedMetric,
  DecodedMetrics,
  DecodedTraces,
  ResourceGroup,
  SpanRecord,
} from '@plimsoll/wire';
import type { SpanBatch } from '../store/span-batch.ts';
import { AttributeCleaner, exact } from './attributes.ts';
import { Fragments } from './fragments.ts';
import { SpanReader } from './span-reader.ts';

type Mutable<T> = { -readonly [K in keyof T]: T[K] };

/** Names repeat, and a scan costs more than a look. What is longer, or new when this is full, is scanned each time. */
const CACHED_TEXTS = 8192;
const CACHED_LENGTH = 128;

/**
 * Applies the redaction policy to what a sender nobody knows said, everywhere a text can stand. It changes what it is
 * given: nobody else has what a decoder just made.
 */
export class Cleaner {
  readonly #privacy: Privacy;
  readonly #spans: AttributeCleaner;
  readonly #logs: AttributeCleaner;
  readonly #labels: AttributeCleaner;
  readonly #texts = new Map<string, string>();
  readonly #reader: SpanReader;

  constructor(privacy: Privacy) {
    this.#privacy = privacy;
    this.#spans = new AttributeCleaner(privacy, 'spans');
    this.#logs = new AttributeCleaner(privacy, 'logs');
    this.#labels = new AttributeCleaner(privacy, 'labels');
    this.#reader = new SpanReader({
      fragments: new Fragments(this.#spans),
      name: text => this.#text(text),
      span: span => this.#span(span),
      shared: groups => {
        for (const _ of this.#shared(groups));
      },
    });
  }

  /** An export of spans from its bytes, read and cleaned in one pass. Throws `OtlpError`. */
  spans(bytes: Uint8Array): SpanBatch {
    return this.#reader.read(bytes);
  }

  traces(groups: DecodedTraces): DecodedTraces {
    for (const scope of this.#shared(groups)) for (const span of scope.items) this.#span(span);
    return groups;
  }

  logs(groups: DecodedLogs): DecodedLogs {
    for (const { items } of this.#shared(groups)) {
      for (const log of items as Mutable<(typeof items)[number]>[]) {
        log.body = this.#body(log.body);
        log.logger = this.#text(log.logger);
        log.severityText = this.#text(log.severityText);
        if (log.eventName !== undefined) log.eventName = this.#text(log.eventName);
        log.attributes = this.#logs.clean(log.attributes);
      }
    }
    return groups;
  }

  metrics(groups: DecodedMetrics): DecodedMetrics {
    for (const scope of this.#shared(groups)) for (const metric of scope.items) this.#metric(metric);
    return groups;
  }

  /** What all entries of a process or a scope share. */
  *#shared<T>(groups: readonly ResourceGroup<T>[]): Generator<{ readonly items: readonly T[] }> {
    for (const group of groups as Mutable<ResourceGroup<T>>[]) {
      group.resource = { attributes: this.#spans.clean(group.resource.attributes) };
      if (group.schemaUrl !== undefined) group.schemaUrl = this.#text(this.#privacy.url(group.schemaUrl));
      for (const scopeGroup of group.scopes as Mutable<(typeof group.scopes)[number]>[]) {
        const { name, version, attributes } = scopeGroup.scope;
        scopeGroup.scope = {
          ...{ name: this.#text(name), version: this.#text(version) },
          attributes: this.#spans.clean(attributes),
        };
        const { schemaUrl } = scopeGroup;
        if (schemaUrl !== undefined) scopeGroup.schemaUrl = this.#text(this.#privacy.url(schemaUrl));
        yield scopeGroup;
      }
    }
  }

  #span(span: Mutable<SpanRecord>): void {
    span.name = this.#text(span.name);
    span.attributes = this.#spans.clean(span.attributes);
    if (span.traceState !== undefined) span.traceState = this.#text(span.traceState);
    if (span.status.message !== undefined) {
      span.status = { code: span.status.code, message: this.#text(span.status.message) };
    }
    for (const event of span.events as Mutable<(typeof span.events)[number]>[]) {
      event.name = this.#text(event.name);
      event.attributes = this.#spans.clean(event.attributes);
    }
    for (const link of span.links as Mutable<(typeof span.links)[number]>[]) {
      if (link.traceState !== undefined) link.traceState = this.#text(link.traceState);
      link.attributes = this.#spans.clean(link.attributes);
    }
  }

  #metric(metric: Mutable<DecodedMetric>): void {
    metric.name = this.#text(metric.name);
    metric.description = this.#text(metric.description);
    metric.unit = this.#text(metric.unit);
    if (metric.type === 'empty') return;
    for (const point of metric.points as Mutable<(typeof metric.points)[number]>[]) {
      point.attributes = this.#labels.clean(point.attributes);
      if (!('exemplars' in point)) continue;
      for (const exemplar of point.exemplars as Mutable<(typeof point.exemplars)[number]>[]) {
        exemplar.attributes = this.#labels.clean(exemplar.attributes);
      }
    }
  }

  #body(body: AttributeValue): AttributeValue {
    if (typeof body === 'string') return this.#privacy.text(body, 'logs');
    if (typeof body !== 'object' || body === null) return body;
    return exact(this.#privacy.redact(body, 'logs') as AttributeValue, body);
  }

  #text(text: string): string {
    if (text === '') return text;
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    const clean = this.#privacy.text(text, 'spans');
    if (text.length <= CACHED_LENGTH && this.#texts.size < CACHED_TEXTS) this.#texts.set(text, clean);
    return clean;
  }
}
