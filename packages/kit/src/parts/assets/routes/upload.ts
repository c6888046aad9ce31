import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable, type Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { Busboy } from '@fastify/busboy';
import { assetUploadFields } from '@plimsoll/wire/ops';
import { OpsError } from '../../../base/ops-error.ts';
import type { OpsContext } from '../../../kernel/part.ts';
import { type Received, receive } from '../files.ts';
import type { Asset, UploadInput } from '../gate.ts';
import type { AssetService } from '../service.ts';

const FIELD_AT_MOST = 256 * 1024;
/** What a form needs around its file. */
export const FORM_ROOM = 2 * 1024 * 1024;

interface Form {
  readonly file: Received;
  readonly filename: string;
  readonly fields: ReadonlyMap<string, string>;
}

/** Takes a form's file to the disk as it comes in; nothing of it is kept in memory. */
export async function upload(
  service: AssetService,
  { request }: Pick<OpsContext, 'request'>,
  maxBytes: number,
): Promise<Asset> {
  const form = await readForm(request, { folder: service.places.temp, maxBytes });
  let input: UploadInput;
  try {
    input = inputOf(form);
  } catch (error) {
    await rm(form.file.path, { force: true });
    throw error;
  }
  return service.received(form.file, input);
}

async function readForm(
  request: Request,
  { folder, maxBytes }: { folder: string; maxBytes: number },
): Promise<Form> {
  const parser = parserOf(request.headers.get('content-type') ?? '', maxBytes);
  const fields = new Map<string, string>();
  let filename = '';
  const files: Promise<Received>[] = [];
  let current: Readable | undefined;
  let refused: OpsError | undefined;
  const refuse = (error: OpsError) => {
    refused ??= error;
    parser.destroy(error);
  };
  parser.on('file', (name, stream, given) => {
    stream.on('error', () => {});
    if (name !== 'file' || files.length > 0) {
      stream.resume();
      return refuse(new OpsError('invalid upload'));
    }
    current = stream;
    filename = given ?? '';
    const received = receive(stream, folder, maxBytes);
    received.catch(error => refuse(error instanceof OpsError ? error : new OpsError('invalid upload')));
    files.push(received);
  });
  parser.on('field', (name, value, _nameCut, valueCut) => {
    if (valueCut) refuse(new OpsError('invalid metadata'));
    fields.set(name, value);
  });
  for (const limit of ['filesLimit', 'partsLimit', 'fieldsLimit'] as const) {
    parser.on(limit, () => refuse(new OpsError('invalid upload')));
  }
  const failure = await piped(request, parser);
  // Where the form broke off, its file would wait for more for ever.
  if (failure !== undefined) current?.destroy(new OpsError('invalid upload'));
  const file = await files[0]?.catch(() => undefined);
  if (failure === undefined && refused === undefined && file !== undefined) return { file, filename, fields };
  if (file !== undefined) await rm(file.path, { force: true });
  throw refused ?? new OpsError('invalid upload');
}

/** What went wrong on the way, also where the client left in the middle. */
async function piped(request: Request, parser: Writable): Promise<unknown> {
  if (request.body === null) return new OpsError('invalid upload');
  try {
    await pipeline(Readable.fromWeb(request.body as never), parser);
    return undefined;
  } catch (error) {
    return error;
  }
}

function parserOf(type: string, maxBytes: number) {
  try {
    return new Busboy({
      headers: { 'content-type': type },
      // One byte more than is allowed, so that what is too large is seen to be.
      limits: { fieldSize: FIELD_AT_MOST, fields: 16, files: 1, parts: 20, fileSize: maxBytes + 1 },
      isPartAFile: fieldName => fieldName === 'file',
    });
  } catch {
    throw new OpsError('invalid upload');
  }
}

function inputOf({ filename, fields }: Form): UploadInput {
  const known = {
    asset_type: fields.get('asset_type'),
    dest_path: fields.get('dest_path') || undefined,
    metadata: json(fields.get('metadata')),
    provenance: json(fields.get('provenance')),
    sidecar: json(fields.get('sidecar')),
  };
  const result = assetUploadFields.safeParse(known);
  if (result.success) return { ...result.data, filename };
  const errors = result.error.issues.map(({ path, code }) => ({ field: String(path[0] ?? ''), code }));
  throw new OpsError('validation_error', { errors });
}

function json(text: string | undefined): unknown {
  if (text === undefined || text.trim() === '') return undefined;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new OpsError('invalid metadata');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new OpsError('invalid metadata');
  return value;
}

export const previewFile = (service: AssetService, path: string): string =>
  join(service.places.thumbs, path.split('/').at(-1) as string);
