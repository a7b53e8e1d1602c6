// The component's imports: `settings`, and HTTP restricted to one site.
//
// The component never receives the authorization, which is added here to each outgoing request.
// Requests must be GET and below the site's base URL; all others are denied.
//
// Calls are synchronous and never overlap, so the running call is always known, and one set of
// imports serves all connectors.

import { outgoingHandler as handler, types as http } from '@bytecodealliance/preview2-shim/http';

import { SettingsProblem } from './errors.js';
import { authorizationOf, baseUrl, checkAuthorization } from './settings.js';

/** The running call. */
let running;

/**
 * Runs a call.
 *
 * @param call Context: `settings`, `timeoutMs`, and `offered`, the arguments of `setApiUrlAndAuth`.
 * @param work Calls the component.
 */
export function during(call, work) {
  const before = running;
  running = call;
  try {
    const answer = work();
    // An exception of custom settings is thrown again after the component has returned.
    if (call.thrown) {
      throw call.thrown;
    }
    return answer;
  } catch (error) {
    throw call.thrown ?? error;
  } finally {
    running = before;
  }
}

/** Keeps exceptions other than `SettingsProblem`, and reports a generic problem to the component. */
function reported(work) {
  try {
    return work();
  } catch (error) {
    if (error instanceof SettingsProblem) {
      throw error;
    }
    running.thrown = error;
    throw new SettingsProblem({
      kind: 'unavailable',
      code: 'settings-failed',
      message: 'the settings threw an exception',
      cause: 'an error in the settings object',
      resolution: 'see the exception',
    });
  }
}

export const settings = {
  // Called before the first request, so that invalid settings fail with their own error.
  baseUrl: () =>
    reported(() => {
      const connection = running.settings.connection();
      const base = baseUrl(connection.endpoint);
      running.authorization = authorizationOf(connection);
      return base;
    }),

  // None: it is added to outgoing requests instead.
  authorization: () => undefined,

  store: (url, authorization, level) =>
    reported(() => {
      const { offered } = running;
      running.offered = undefined;
      if (offered?.url !== url || offered.standIn !== authorization || offered.level !== level) {
        throw new SettingsProblem({
          kind: 'refused',
          code: 'store-not-asked-for',
          message: 'the component tried to store a connection that its caller did not pass',
          cause:
            'connections are stored only while `setApiUrlAndAuth` runs, and only with the arguments of its caller',
          resolution:
            'if you called `setApiUrlAndAuth` with this connection, do not trust this component',
        });
      }
      const base = baseUrl(url);
      checkAuthorization(offered.authorization);
      running.settings.store({ endpoint: url, authorization: offered.authorization }, level);
      return base;
    }),
};

/** A request that sends the authorization, but shows its headers without it. */
class AuthorizedRequest extends http.OutgoingRequest {
  #shown;

  constructor(headers) {
    const sent = headers.clone();
    sent.delete('authorization');
    const authorization = running.authorization ?? authorizationOf(running.settings.connection());
    sent.append('authorization', new TextEncoder().encode(authorization));
    super(sent);
    this.#shown = headers;
  }

  headers() {
    return this.#shown;
  }
}

/** Error messages of the shim, and the error codes they stand for. */
const FAILURES = [
  [/certificate|altname/i, { tag: 'TLS-certificate-error' }],
  [/EPROTO|SSL|TLS/, { tag: 'TLS-protocol-error' }],
  [/EAI_/, { tag: 'DNS-timeout' }],
  [/ETIMEDOUT/, { tag: 'connection-timeout' }],
  [/EHOSTUNREACH|ENETUNREACH/, { tag: 'destination-unavailable' }],
];

function classified(code) {
  if (code?.tag === 'internal-error') {
    return FAILURES.find(([words]) => words.test(code.val))?.[1] ?? code;
  }
  // The shim's code for a reset connection.
  return code?.tag === 'HTTP-protocol-error' ? { tag: 'connection-terminated' } : code;
}

export const types = {
  ...http,
  OutgoingRequest: AuthorizedRequest,
  httpErrorCode(error) {
    const code = http.httpErrorCode(error);
    // In the middle of a response, the shim passes an `Error` instead of an error code.
    return typeof code?.tag === 'string' ? classified(code) : { tag: 'HTTP-response-incomplete' };
  },
};

export const outgoingHandler = {
  handle(request, options) {
    const base = new URL(baseUrl(running.settings.connection().endpoint));
    const scheme = `${request.scheme()?.tag.toLowerCase()}:`;
    const [path] = (request.pathWithQuery() ?? '').split('?', 1);
    const isBelow =
      scheme === base.protocol &&
      request.authority() === base.host &&
      path.startsWith(`${base.pathname}/`) &&
      // The raw path: encoded forms of `..` could leave the site.
      !/(^|\/|%2f)(\.|%2e){2}($|\/|%2f)/i.test(path);
    if (request.method().tag !== 'get' || !isBelow) {
      throw { tag: 'HTTP-request-denied' };
    }
    const limits = options ?? new http.RequestOptions();
    const nanoseconds = BigInt(running.timeoutMs) * 1_000_000n;
    limits.setConnectTimeout(nanoseconds);
    limits.setFirstByteTimeout(nanoseconds);
    limits.setBetweenBytesTimeout(nanoseconds);
    const answer = handler.handle(request, limits);
    const get = answer.get.bind(answer);
    answer.get = () => {
      const got = get();
      if (got?.tag === 'ok' && got.val.tag === 'err') {
        got.val.val = classified(got.val.val);
      }
      return got;
    };
    return answer;
  },
};
