import { setTimeout as sleep } from 'node:timers/promises';
import type * as wire from '@plimsoll/wire/ops';
import { OpsError } from '../../../base/ops-error.ts';
import type { Kit, Route } from '../../../kernel/part.ts';
import { consentEdits, type Permission, permissionOf } from '../consent.ts';
import type { TelemetryConsent } from '../gate.ts';
import { purgeFiles } from '../purge.ts';
import { statesOf, summaryOf } from '../summary.ts';
import { moment } from '../time.ts';

/** What the part exposes; the routes are a chunk of their own, and know it by its shape alone. */
type Core = import('../core.ts').TelemetryCore;

const CORE = 'telemetry.core';
const TURN_MS = 10;
const MAX_TURNS = 200;
const OTLP = 'application/x-protobuf';

type Handle = Route['handle'];

/** What each route says, from the part while it is on and from the files alone while it is off. */
export class Answers {
  readonly #kit: Kit;

  constructor(kit: Kit) {
    this.#kit = kit;
  }

  health: Handle = () => {
    const { states, feature_flag } = this.#now();
    return { ok: true, ...states, feature_flag };
  };

  settings: Handle = () => {
    const { permission, states, feature_flag } = this.#now();
    return {
      ...{ ok: true, settings: permission.stored, telemetry_active: permission.telemetry },
      ...{
        crash_uploads_active: permission.crash,
        diagnostics_opt_in: permission.consent.diagnostics_opt_in,
      },
      ...{ diagnostics_active: permission.diagnostics, health: states, feature_flag },
    };
  };

  async optIn(body: wire.TelemetryOptInRequest): Promise<unknown> {
    return this.change({
      telemetry_opt_in: true,
      ...{ crash_opt_in: body?.crash, diagnostics_opt_in: body?.diagnostics, dry_run: body?.dry_run },
    });
  }

  async change(change: wire.TelemetryConsentRequest): Promise<unknown> {
    const { flags, clock } = this.#kit;
    const before = permissionOf(this.#kit);
    const grants = Object.entries(change).some(([key, value]) => value === (key !== 'dry_run'));
    // Withdrawing is always possible.
    if (before.loweredBy === 'forbidden' && grants) throw new OpsError('telemetry_forbidden');
    await flags.files.write(
      consentEdits(this.#kit, change as Partial<TelemetryConsent>, moment(clock.now())),
    );
    if (this.#core !== undefined) await this.#core.settle();
    else if (!permissionOf(this.#kit).stored.telemetry_opt_in) await purgeFiles(this.#kit.config);
    return this.settings({} as never);
  }

  summary: Handle = () => {
    const { permission, feature_flag } = this.#now();
    const known = { usage: undefined, id: null, version: this.#kit.config.get('version') };
    return { ...(this.#core?.recorder.summary() ?? summaryOf(permission, known)), feature_flag };
  };

  async feature({ feature, variant }: wire.TelemetryFeatureRequest): Promise<unknown> {
    return this.#recorded(
      await (await this.#allowed())?.recorder.featureSafely(feature, variant ?? undefined),
    );
  }

  async event({ event, payload, category }: wire.TelemetryEventRequest): Promise<unknown> {
    const recorded = (await this.#allowed())?.recorder.eventSafely(
      event,
      payload ?? undefined,
      category ?? undefined,
    );
    return this.#recorded(await recorded);
  }

  events(limit: number): unknown {
    const events = this.#core?.recorder.usage()?.events ?? [];
    return { events: events.slice(-limit), ...this.#flag };
  }

  hooks: Handle = () => ({ hooks: this.#core?.recorder.usage()?.hooks ?? {}, ...this.#flag });

  crashes: Handle = () => ({ crashes: this.#core?.recorder.summary().crashes ?? [], ...this.#flag });

  diagnostics: Handle = async () => {
    const core = this.#core;
    if (core?.id == null || !permissionOf(this.#kit).diagnostics) {
      throw new OpsError('diagnostics_need_consent');
    }
    const { name, bytes } = await core.bundle();
    return new Response(bytes as Uint8Array<ArrayBuffer>, {
      headers: { 'content-type': 'application/zip', 'content-disposition': `attachment; filename="${name}"` },
    });
  };

  async preview(format: string): Promise<unknown> {
    const preview = await this.#core?.preview();
    const body = preview?.body ?? new Uint8Array();
    if (format === 'raw')
      return new Response(body as Uint8Array<ArrayBuffer>, { headers: { 'content-type': OTLP } });
    const { config, privacy } = this.#kit;
    const endpoint = config.get('telemetry.endpoint');
    const reason = this.#heldBackBy(endpoint);
    return {
      ...{ would_send: reason === null && body.length > 0, reason, content_type: OTLP, size: body.length },
      endpoint: endpoint === undefined ? null : privacy.url(endpoint),
      queued: preview?.queued ?? 0,
      body: Buffer.from(body).toString('base64'),
      ...{ readable: preview?.readable ?? null, ...this.#flag },
    };
  }

  ledger(limit: number): unknown {
    const entries = this.#core?.ledger() ?? [];
    return { entries: entries.slice(0, limit), total: entries.length, ...this.#flag };
  }

  forget: Handle = async () => {
    const core = this.#core;
    if (core !== undefined) await core.forget();
    else await purgeFiles(this.#kit.config, { secret: true });
    return { ok: true, forgotten: true, ...this.#flag };
  };

  #heldBackBy(endpoint: string | undefined): string | null {
    const permission = permissionOf(this.#kit);
    if (!permission.flag) return 'flag_off';
    if (!permission.telemetry) return 'no_consent';
    if (!this.#kit.config.get('runtimeRoot')) return 'no_storage';
    if (endpoint === undefined || !/^https?:/i.test(endpoint)) return 'no_endpoint';
    return permission.consent.dry_run ? 'dry_run' : null;
  }

  /** Flag and consent may have come a moment ago, by hand: what counts is there a moment later. */
  async #allowed(): Promise<Core | undefined> {
    for (let turn = 0; turn < MAX_TURNS && permissionOf(this.#kit).telemetry; turn++) {
      if (this.#core !== undefined) break;
      await sleep(TURN_MS);
    }
    await this.#core?.ready();
    return this.#core;
  }

  #recorded(recorded: boolean | undefined): unknown {
    const { permission, feature_flag } = this.#now();
    return { ok: true, recorded: recorded === true, telemetry_active: permission.telemetry, feature_flag };
  }

  #now(): { permission: Permission; states: ReturnType<typeof statesOf>; feature_flag: boolean } {
    const permission = permissionOf(this.#kit);
    const states = statesOf(permission, {
      ...{ id: this.#core?.id ?? null, storage: Boolean(this.#kit.config.get('runtimeRoot')) },
    });
    return { permission, states, feature_flag: permission.flag };
  }

  get #flag(): { feature_flag: boolean } {
    return { feature_flag: this.#kit.flags.subsystem('observability').enabled };
  }

  get #core(): Core | undefined {
    return this.#kit.read<Core>(CORE);
  }
}
