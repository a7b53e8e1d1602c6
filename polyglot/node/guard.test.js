// What leaves the process, and what does not reach the component: `node --test`.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { ConfluenceError, Connector, SettingsProblem, StoredSettings } from './index.js';
import { during, outgoingHandler, types } from './imports.js';
import { baseUrl } from './settings.js';

const endpoint = 'http://127.0.0.1:9/wiki';
const authorization = 'Bearer sesame-0123456789';
const call = () => ({ settings: new StoredSettings({ endpoint, authorization }), timeoutMs: 1_000 });

function request({ scheme = 'HTTP', authority = '127.0.0.1:9', path = '/wiki/api/v2/spaces', method }) {
  const request = new types.OutgoingRequest(new types.Fields());
  request.setScheme({ tag: scheme });
  request.setAuthority(authority);
  request.setPathWithQuery(path);
  if (method) request.setMethod({ tag: method });
  return request;
}

test('requests that lead elsewhere, or are no GET, are denied', () => {
  for (const other of [
    { scheme: 'HTTPS' },
    { authority: '127.0.0.1:10' },
    { authority: 'evil.example' },
    { path: '/admin' },
    { path: '/wikis/api' },
    { path: '/wiki/../admin' },
    { path: '/wiki/%2e%2E/admin' },
    { path: '/wiki/a%2f..%2fb' },
    { method: 'post' },
    { method: 'delete' },
  ]) {
    during(call(), () => {
      assert.throws(
        () => outgoingHandler.handle(request(other)),
        (error) => error.tag === 'HTTP-request-denied',
        JSON.stringify(other),
      );
    });
  }
  // A name with two dots in it is no step up, and neither is what is searched for.
  during(call(), () => outgoingHandler.handle(request({ path: '/wiki/a..b?x=%2F..%2F..' })));
});

test('the component is not shown the authorization that its requests carry', () => {
  during(call(), () => {
    const headers = request({}).headers();
    assert.equal(JSON.stringify(headers.entries()).includes('sesame'), false);
    assert.deepEqual(headers.get('authorization'), []);
  });
});

test('an argument or an option that a function does not have is refused', async () => {
  const connector = await Connector.open({ endpoint, authorization });
  assert.throws(() => connector.listSpaces({ limits: 1 }), /no argument `limits`; its arguments are `ids`/);
  assert.throws(() => connector.listSpaces({ options: { body: 'x' } }), /no field `body`; its fields are/);
});

test('the forms of an endpoint that people paste have one base URL', () => {
  const base = 'https://example.atlassian.net/wiki';
  for (const text of [
    'https://example.atlassian.net',
    'https://example.atlassian.net/wiki/api/v2/',
    'https://example.atlassian.net/?x=1#y',
    'https://example.atlassian.net/wiki/spaces/ENG/pages/98304/Design?atl_f=content#Goals',
  ]) {
    assert.equal(baseUrl(text), base, text);
  }
});

test('what settings throw for a reason of their own comes through, and spoils nothing', async () => {
  let fails = true;
  const settings = {
    connection() {
      if (fails) throw new RangeError('the vault is sealed');
      return { endpoint, authorization };
    },
    store() {},
  };
  const connector = await Connector.open(settings);
  assert.throws(() => connector.listSpaces(), RangeError);
  fails = false;
  assert.throws(
    () => connector.listSpaces(),
    (error) => error instanceof ConfluenceError && error.kind === 'unreachable',
  );
});

test('a function returns the authorization once per call', async () => {
  const given = [authorization, authorization, 'sesame'];
  let calls = 0;
  const connector = await Connector.open({ endpoint, authorization: () => given[calls++] });
  assert.equal(calls, 0);
  for (const kind of ['unreachable', 'unreachable', 'invalid-argument']) {
    assert.throws(
      () => connector.listSpaces(),
      (error) => error.kind === kind && !`${error}`.includes('sesame'),
    );
  }
  assert.equal(calls, 3);
});

test('an authorization that cannot stand in a header is refused, and not repeated', async () => {
  for (const wrong of ['sesame', 'Basic ', 'Basic a b', 'Bearer sesame\r\nx: y', 'Bearer s\u00e9same', undefined]) {
    const refused = (error) => !`${error}`.includes('same') && /authorization/.test(error.message);
    assert.throws(() => new StoredSettings({ endpoint, authorization: wrong }), refused, wrong);
    const settings = { connection: () => ({ endpoint, authorization: wrong }), store() {} };
    const connector = await Connector.open(settings);
    assert.throws(
      () => connector.listSpaces(),
      (error) => error.kind === 'invalid-argument' && refused(error),
      wrong,
    );
  }
});

test('endpoints that would send the authorization elsewhere are refused', () => {
  for (const wrong of [
    'http://example.atlassian.net',
    'https://me:secret@example.atlassian.net',
    'https://example.atlassian.net/admin',
    'https://example.atlassian.net/wikis',
    'https://example.atlassian.net/admin?x=/wiki',
    'https://example.atlassian.net:port',
    'ftp://example.atlassian.net',
    'example.atlassian.net',
    '',
  ]) {
    assert.throws(
      () => new StoredSettings({ endpoint: wrong, authorization }),
      (error) => error instanceof SettingsProblem && error.kind === 'invalid-endpoint',
      wrong,
    );
  }
});
