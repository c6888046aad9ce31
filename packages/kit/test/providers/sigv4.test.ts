import assert from 'node:assert/strict';
import { test } from 'node:test';
import { signS3 } from '../../src/parts/providers/sigv4.ts';
import { remote, startService } from '../parts/support.ts';

/** The examples of AWS's documentation, "Authenticating Requests: Using the Authorization Header". */
const keys = {
  accessKey: 'AKIAIOSFODNN7EXAMPLE',
  secretKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
  region: 'us-east-1',
};
const when = new Date('2013-05-24T00:00:00Z');

for (const [query, signature] of [
  ['?lifecycle', 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['?max-keys=2&prefix=J', '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
] as const) {
  test(`a request for ${query} is signed as AWS's example is`, () => {
    const headers = signS3('GET', new URL(`https://examplebucket.s3.amazonaws.com/${query}`), keys, when);
    assert.equal(/Signature=(\w+)/.exec(headers['authorization'] ?? '')?.[1], signature);
  });
}

test('a bucket is asked for with a signed HEAD, and a list with a signed GET', async t => {
  const { obs } = await startService(t, { flags: ['enable_providers'] });
  const seen: string[] = [];
  const url = await remote(t, (req, res) => {
    seen.push(`${req.method} ${req.url}`);
    const signed = /^AWS4-HMAC-SHA256 Credential=AK1\/\d{8}\/eu-1\/s3\/aws4_request, SignedHeaders=/;
    res
      .writeHead(signed.test(req.headers.authorization ?? '') ? (req.url === '/none' ? 404 : 200) : 403)
      .end();
  });
  const config = { region: 'eu-1', access_key: 'AK1', secret_key: 'SK1' };
  await obs.providers.register({
    id: 'a',
    service: 's3',
    base_url: url,
    config: { ...config, bucket: 'box' },
  });
  await obs.providers.register({
    id: 'b',
    service: 's3',
    base_url: url,
    config: { ...config, bucket: 'box', list: true },
  });
  await obs.providers.register({
    id: 'c',
    service: 's3',
    base_url: url,
    config: { ...config, bucket: 'none' },
  });
  const rows = (await obs.providers.health()).results.slice(1);
  assert.deepEqual(
    rows.map(row => [row.ok, row.error, row['bucket']]),
    [
      [true, null, 'box'],
      [true, null, 'box'],
      [false, 'bucket not found', 'none'],
    ],
  );
  assert.deepEqual(seen.sort(), ['GET /box?list-type=2&max-keys=1', 'HEAD /box', 'HEAD /none']);
});
