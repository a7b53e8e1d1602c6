// Where the site is, and what it is asked with: what the interface `settings` is made of.

import { SettingsProblem } from './errors.js';

const NARROWEST_FIRST = ['app', 'env', 'cluster'];
const LOOPBACK = new Set(['127.0.0.1', '[::1]', 'localhost']);
const PATH = /^(\/ex\/confluence\/[0-9A-Za-z-]+)?(\/wiki)?(\/api\/v2)?\/?$/;

/**
 * The site of an endpoint: its base URL, which ends in `/wiki`. Refused is what cannot be one: other
 * schemes than https (http is for this machine), user information, a query, a fragment, or another
 * path than Confluence's.
 */
export function baseUrl(endpoint) {
  let url;
  try {
    url = new URL(endpoint);
  } catch {
    throw invalid('no-url', 'it is no URL that begins with `https://`');
  }
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    throw invalid('no-url', 'it is no URL that begins with `https://`');
  }
  if (url.protocol === 'http:' && !LOOPBACK.has(url.hostname)) {
    throw invalid('not-https', 'a token would travel in the clear over `http`');
  }
  if (url.username || url.password) {
    throw invalid('user-information', 'it has user information');
  }
  if (url.search || url.hash) {
    throw invalid('query', 'it has a query or a fragment');
  }
  const path = PATH.exec(url.pathname);
  if (!path) {
    throw invalid('path', "its path is none of Confluence's");
  }
  return `${url.protocol}//${url.host}${path[1] ?? ''}/wiki`;
}

/** Refuses an authorization that cannot stand in a header. The message does not repeat it. */
export function checkAuthorization(authorization) {
  if (!/^(Basic|Bearer) [\x21-\x7e]+$/.test(authorization)) {
    throw new SettingsProblem({
      kind: 'invalid-authorization',
      code: 'authorization-malformed',
      message: 'the authorization cannot be one',
      cause: 'something else was pasted, or a part of it is missing',
      resolution: 'give `Basic ` and the base64 of `email:token`, or `Bearer ` and a token',
    });
  }
}

function invalid(code, cause) {
  return new SettingsProblem({
    kind: 'invalid-endpoint',
    code,
    message: 'the endpoint cannot be one',
    cause,
    resolution: 'give the address of the site, such as `https://example.atlassian.net`',
  });
}

/** Settings in memory: one connection for each level, of which the narrowest is in force. */
export class StoredSettings {
  #levels = new Map();
  #writable;

  constructor(connection, { widest = 'cluster' } = {}) {
    this.#writable = NARROWEST_FIRST.slice(0, NARROWEST_FIRST.indexOf(widest) + 1);
    if (connection) {
      baseUrl(connection.endpoint);
      checkAuthorization(connection.authorization);
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
      resolution: 'give `Connector.open` a connection, or call `setApiUrlAndAuth`',
    });
  }

  store(connection, level) {
    if (!this.#writable.includes(level)) {
      throw new SettingsProblem({
        kind: 'refused',
        code: 'level-not-writable',
        message: `a connection cannot be stored at the level \`${level}\` here`,
        cause: 'the program that made these settings says so',
        resolution: 'store it at a narrower level',
      });
    }
    this.#levels.set(level, connection);
  }
}
