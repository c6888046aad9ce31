import { type FileHandle, open } from 'node:fs/promises';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import * as schemas from '@plimsoll/wire/ops';
import { OpsError } from '../../../base/ops-error.ts';
import { sidecarPath } from '../paths.ts';
import type { Impl, Own } from '../routes.ts';
import type { AssetService } from '../service.ts';
import { previewFile } from './upload.ts';

/** What is read of one asset: its file, its sidecar, its preview. */
export function fileRoutes(impl: Impl): readonly Own[] {
  return [
    {
      ...{ method: 'GET', path: '/:id/sidecar', summary: 'The sidecar as it is on the disk' },
      answer: schemas.assetSidecarAnswer,
      async handle({ params }) {
        const asset = await impl().known(params['id'] ?? '');
        const sidecar = await impl().sidecars.read(asset);
        return { ok: true, uid: asset.uid, path: sidecarPath(asset.path), sidecar };
      },
    },
    {
      ...{
        method: 'GET',
        path: '/:id/download',
        summary: 'The file, where it may be given out and is unchanged',
      },
      ...{ answer: schemas.assetFileAnswer, media: 'application/octet-stream' },
      async handle({ params, request }) {
        const { file, bytes, asset } = await impl().open(params['id'] ?? '');
        const headers = {
          'content-length': String(bytes),
          // Never a type that a browser would show as a page of this service.
          'content-type': 'application/octet-stream',
          'content-disposition': disposition(basename(asset.path)),
          etag: `"${asset.hash}"`,
        };
        return new Response(await body(file, request.method), { headers });
      },
    },
    {
      ...{ method: 'GET', path: '/:id/preview', summary: 'The waveform, or the smaller thumbnail' },
      ...{ answer: schemas.assetFileAnswer, media: 'image/webp' },
      handle: ({ params, request }) => preview(impl(), params['id'] ?? '', request.method),
    },
  ];
}

async function preview(service: AssetService, id: string, method: string): Promise<Response> {
  const { previews } = await service.known(id);
  const path = previews.preview ?? previews.thumbnails?.['256'];
  if (path === undefined) throw new OpsError('asset file missing');
  const file = await open(previewFile(service, path), 'r').catch(() => {
    throw new OpsError('asset file missing');
  });
  const { size } = await file.stat();
  const type = path.endsWith('.json') ? 'application/json' : 'image/webp';
  return new Response(await body(file, method), {
    headers: { 'content-type': type, 'content-length': String(size) },
  });
}

/** The bytes as they are asked for; the handle closes with the stream. */
async function body(file: FileHandle, method: string): Promise<ReadableStream<Uint8Array> | null> {
  if (method === 'HEAD') {
    await file.close();
    return null;
  }
  const stream = file.createReadStream({ start: 0, highWaterMark: 256 * 1024 });
  return Readable.toWeb(stream, {
    strategy: new ByteLengthQueuingStrategy({ highWaterMark: 512 * 1024 }),
  }) as never;
}

/** RFC 6266, with the name in UTF-8 (RFC 8187). */
function disposition(name: string): string {
  const plain = name.replace(/[^\w.-]/g, '_');
  const encoded = encodeURIComponent(name).replace(/['()*]/g, char => `%${char.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
