import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Class } from '@plimsoll/privacy';
import { privacy } from '../support/privacy.ts';

const NAMES: Readonly<Record<Class, string>> = {
  credential: `password userPassword db_password passwd token access_token accessToken refreshToken apiKey api_key
    API_KEY x-api-key apikey OPENAI_API_KEY secret clientSecret cookie set-cookie Cookies jwt authorization
    http.request.header.authorization private_key privateKey connectionString connection_text database_url DATABASE_URL
    credentials session_token sessionToken tokens otp cvv card_number verification_code passphrase auth signing-key`,
  content: `body messageBody message_body request_body payload caption prompt system_prompt content messages
    message_text text gen_ai.prompt query queryString url.query comment`,
  identifier: `user userId user_id userID userIDs user.id uid users author authorId account account_id device_id
    deviceId session sessionId session.id sid email e-mail userEmail email_address phone phoneNumber phone_number ip
    clientIp client_ip IPAddress ip_address client.address remoteAddress x-forwarded-for serial serial_number username
    user_name firstName last_name full_name enduser.id peer_ip net.peer.ip sub user1 user_id2 current_user ssn`,
  locator: `path filePath file_path filename file_name file url url.full http.url http.target uri href referer
    storage_key file_key fileKey object_key s3_key dir directory cwd url.path code.filepath`,
  position: `lat userLat user_lat geo.lat latitude lon lng longitude geo coords coordinates gps latlng long accuracy
    geolocation lat1 geo_point.lat`,
  size: `latency_ms duration_ms durationMs body_size bodySize content_length contentLength content-type max_tokens
    maxTokens token_count prompt_tokens input_tokens total_tokens status statusCount user_count lat_ms bytes width
    height caption_length password_length email_count http.request.body.size token_type`,
  statement: 'sql statement db.statement db.query.text',
  none: `platform template video provider related somebody long_description description side keyboard monkey clip ship
    zip tip request_id requestId trace_id traceId span_id message_id messageId asset_id job_id scene_id correlation_id
    route method message msg name id ids key keys user_agent user_agent.original userAgent server.address region
    device created_at author_note page opts plain flat slate dilation colony salon translate service.name host.name
    server.port error_name code currency price version_name recipe chip script subject`,
};

test('names are read by whole words, in every way that people write them', () => {
  const { classify } = privacy();
  const wrong: string[] = [];
  for (const [wanted, names] of Object.entries(NAMES)) {
    for (const name of names.split(/\s+/)) {
      const got = classify(name);
      if (got !== wanted) wrong.push(`${name}: ${got}, not ${wanted}`);
    }
  }
  assert.deepEqual(wrong, []);
});

test('a name of any length or script has a class', () => {
  const { classify } = privacy();
  for (const name of [
    '',
    '_',
    '...',
    '1',
    '№',
    'пароль',
    'a'.repeat(100_000),
    '💥',
    '__proto__',
    'constructor',
  ]) {
    assert.equal(classify(name), 'none');
  }
  assert.equal(classify(`password${'_x'.repeat(50_000)}`), 'credential');
});

test('a word for a secret counts at the end of a compound in one case', () => {
  const { classify } = privacy();
  for (const key of ['dbpassword', 'userpasswords', 'xsrftoken', 'clientsecret', 'sendgridapikey']) {
    assert.equal(classify(key), 'credential', key);
  }
  for (const key of ['tokenizer', 'secretary', 'passwordless_type', 'nptokens_count']) {
    assert.notEqual(classify(key), 'credential', key);
  }
});
