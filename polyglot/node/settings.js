// The site and its authorization: the interface `settings`.

import { SettingsProblem } from './errors.js';

const NARROWEST_FIRST = ['app', 'env', 'cluster'];
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const PATH = /^(\/ex\/confluence\/[0-9A-Za-z-]+)?(\/wiki(\/.*)?|\/)?$/;

/**
 * The base URL of an endpoint, which ends in `/wiki`. The endpoint can be the address of a page; a
 * query and a fragment are ignored. Throws for a scheme other than https (http is accepted for this
 * machine), user information, or a path that does not belong to Confluence.
 */
export function baseUrl(endpoint) {
  let url;
  try {
    url = new URL(endpoint);
  } catch {
    throw invalid('no-url', 'it is not a URL that starts with `https://`');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalid('no-url', 'it is not a URL that starts with `https://`');
  }
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    throw invalid('not-https', '`http` would send the token unencrypted');
  }
  if (url.username || url.password) {
    throw invalid('user-information', 'it has user information');
  }
  const path = PATH.exec(url.pathname);
  if (!path) {
    throw invalid('path', 'its path does not belong to Confluence');
  }
  return `${url.protocol}//${url.host}${path[1] ?? ''}/wiki`;
}

/** The value of the `Authorization` header, which a function of the connection may return. */
export function authorizationOf({ authorization }) {
  const value = typeof authorization === 'function' ? authorization() : authorization;
  checkAuthorization(value);
  return value;
}

/** Throws for an authorization that is not a valid header value. The message does not contain it. */
export function checkAuthorization(authorization) {
  if (!/^(Basic|Bearer) [\x21-\x7e]+$/.test(authorization)) {
    throw new SettingsProblem({
      kind: 'invalid-authorization',
      code: 'authorization-malformed',
      message: 'the authorization is not valid',
      cause: 'it is incomplete, or something else was pasted',
      resolution: 'pass `Basic ` and the base64 of `email:token`, or `Bearer ` and a token',
    });
  }
}

function invalid(code, cause) {
  return new SettingsProblem({
    kind: 'invalid-endpoint',
    code,
    message: 'the endpoint is not valid',
    cause,
    resolution: 'pass the URL of the site, such as `https://example.atlassian.net`',
  });
}

/** Settings in memory: one connection per level; the narrowest level is effective. */
export class StoredSettings {
  #levels = new Map();
  #writable;

  constructor(connection, { widest = 'cluster' } = {}) {
    this.#writable = NARROWEST_FIRST.slice(0, NARROWEST_FIRST.indexOf(widest) + 1);
    if (connection) {
      baseUrl(connection.endpoint);
      if (typeof connection.authorization !== 'function') {
        checkAuthorization(connection.authorization);
      }
      this.#levels.set('app', { ...connection });
    }
  }

  connection() {
    const level = NARROWEST_FIRST.find((level) => this.#levels.has(level));
    if (level) {
      return this.#levels.get(level);
    }
    throw new SettingsProblem({
      kind: 'not-configured',
      code: 'not-configured',
      message: 'no connection is configured',
      cause: 'the connector was opened without one, and none was stored',
      resolution: 'pass a connection to `Connector.open`, or call `setApiUrlAndAuth`',
    });
  }

  store(connection, level) {
    if (!this.#writable.includes(level)) {
      throw new SettingsProblem({
        kind: 'refused',
        code: 'level-not-writable',
        message: `cannot store a connection at level \`${level}\``,
        cause: 'the program restricts the levels that can be stored',
        resolution: 'store it at a narrower level',
      });
    }
    this.#levels.set(level, connection);
  }
}
