// What the component imports: `settings`, and HTTP that leads to one site.
//
// The component is not given the authorization. It is added here to each request on its way out, and
// the component is not shown it. Requests are GETs below the site's base URL; all others are refused.
//
// Calls are synchronous and end before the next one begins, so that the connector whose call runs is
// known at any time, and one set of imports serves all connectors.

import { outgoingHandler as handler, types as http } from '@bytecodealliance/preview2-shim/http';

import { SettingsProblem } from './errors.js';
import { baseUrl, checkAuthorization } from './settings.js';

/** The call that runs. */
let running;

/**
 * Runs a call.
 *
 * @param call What it goes with: `settings`, `timeoutMs`, and what `setApiUrlAndAuth` was `offered`.
 * @param work Calls the component.
 */
export function during(call, work) {
  const before = running;
  running = call;
  try {
    const answer = work();
    // What settings threw for a reason of their own is thrown again behind the component.
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

/** What is no problem that the component knows is kept, and told to it as a defect. */
function told(work) {
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
      message: 'the settings failed',
      cause: 'a defect',
      resolution: 'report it',
    });
  }
}

export const settings = {
  // Asked before the first request of a call, so that what is wrong is told as an error of its own.
  baseUrl: () =>
    told(() => {
      const { endpoint, authorization } = running.settings.connection();
      checkAuthorization(authorization);
      return baseUrl(endpoint);
    }),

  // None, since it is added to requests on their way out.
  authorization: () => undefined,

  store: (url, authorization, level) =>
    told(() => {
      const { offered } = running;
      running.offered = undefined;
      if (offered?.url !== url || offered.standIn !== authorization || offered.level !== level) {
        throw new SettingsProblem({
          kind: 'refused',
          code: 'store-not-asked-for',
          message: 'the component asked to store a connection that its caller did not give',
          cause:
            'settings are stored only while `setApiUrlAndAuth` runs, and only with the arguments of its caller',
          resolution:
            'call `setApiUrlAndAuth` with what is to be stored; if you did, do not trust this component',
        });
      }
      const base = baseUrl(url);
      checkAuthorization(offered.authorization);
      running.settings.store({ endpoint: url, authorization: offered.authorization }, level);
      return base;
    }),
};

/** A request that carries the authorization, and shows the headers without it. */
class AuthorizedRequest extends http.OutgoingRequest {
  #shown;

  constructor(headers) {
    const sent = headers.clone();
    sent.delete('authorization');
    const { authorization } = running.settings.connection();
    sent.append('authorization', new TextEncoder().encode(authorization));
    super(sent);
    this.#shown = headers;
  }

  headers() {
    return this.#shown;
  }
}

/** What the shim says of a failure in its own words, and what it is. */
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
  // The shim calls it so when a connection is reset.
  return code?.tag === 'HTTP-protocol-error' ? { tag: 'connection-terminated' } : code;
}

export const types = {
  ...http,
  OutgoingRequest: AuthorizedRequest,
  httpErrorCode(error) {
    const code = http.httpErrorCode(error);
    // In the middle of an answer the shim has an `Error` here, which is no error code.
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
      // The path as it stands: what a server takes for `..` could lead out of the site.
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
