import type { Calls, ErrorKind, ErrorRecord, Level, LimitScope, StreamDescription } from './contract.js';

export type * from './contract.js';

/** A site and its authorization, as one record. */
export interface Connection {
  /** The site, such as `https://example.atlassian.net`, or the URL of its API. */
  readonly endpoint: string;
  /**
   * The value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or `Bearer `
   * and a token; or a function that returns it, for tokens that are renewed. The function is called
   * once per call, before the first request. The component never receives the value.
   */
  readonly authorization: string | (() => string);
}

/** Settings of a connector, read by each call. Both methods can throw `SettingsProblem`. */
export interface Settings {
  /** The effective connection. */
  connection(): Connection;
  /** Stores a connection at a level, for `setApiUrlAndAuth`. The connection was validated before. */
  store(connection: Connection, level: Level): void;
}

/** Settings in memory: one connection per level; the narrowest level is effective. */
export class StoredSettings implements Settings {
  /**
   * @param connection Initial connection of the level `app`.
   * @param options `widest` is the widest level that `store` accepts. Restrict it in programs that
   * make calls for users who must not change the level `cluster`.
   * @throws {SettingsProblem} if the connection is not valid.
   */
  constructor(connection?: Connection, options?: { readonly widest?: Level });
  connection(): Connection;
  store(connection: Connection, level: Level): void;
}

/** Options of a connector. */
export interface ConnectorOptions {
  /**
   * Timeout for connecting, for the response headers, and between two pieces of a response, in
   * milliseconds. Default 30 000.
   */
  readonly timeoutMs?: number;
}

/**
 * Calls the functions of the connector for one site.
 *
 * Calls are synchronous and block the thread until the site has responded. Servers should use a
 * worker thread.
 */
export class Connector {
  private constructor();
  /**
   * Opens a connector with its own instance of the component.
   *
   * @throws {SettingsProblem} if `settings` is a connection that is not valid.
   */
  static open(settings?: Connection | Settings, options?: ConnectorOptions): Promise<Connector>;
  /**
   * Describes the streams, which `confluence-connector/streams` reads. Makes no request.
   *
   * @param options `settings`: settings of streams by name.
   */
  streams(options?: { readonly settings?: Readonly<Record<string, string>> }): StreamDescription[];
}

export interface Connector extends Calls {}

/** A call failed. */
export class ConfluenceError extends Error {
  constructor(record: ErrorRecord);
  /** The complete error, as returned by the component. */
  readonly record: ErrorRecord;
  /** Category of the failure; branch on this. */
  readonly kind: ErrorKind;
  /** Stable identifier of this failure. */
  readonly code: string;
  /** Likely cause. */
  override readonly cause: string;
  /** How to fix it. */
  readonly resolution: string;
  /** HTTP status, if there was a response. */
  readonly status: number | undefined;
  /** Request id, for Atlassian's support. */
  readonly requestId: string | undefined;
  /** Wait that Confluence requested, in milliseconds. */
  readonly retryAfterMs: bigint | undefined;
  /** Scope of the rate limit. */
  readonly limitScope: LimitScope | undefined;
}

/** The component trapped: an internal error. Open another connector. */
export class ConnectorBroke extends Error {}

/** The component returned columns that violate the contract, such as offsets outside the text. */
export class MalformedBatch extends ConnectorBroke {
  constructor(code: string, message: string);
  /** Stable identifier, such as `batch-value-count`. */
  readonly code: string;
}

/** The stream is not available on this site or to this account. */
export class StreamUnsupported extends Error {
  constructor(stream: string, reason: string);
  /** Name of the stream. */
  readonly stream: string;
  /** Why, as the component reports it. */
  readonly reason: string;
}

/** Category of a problem with settings. */
export type ProblemKind =
  | 'not-configured'
  | 'invalid-endpoint'
  | 'invalid-authorization'
  | 'refused'
  | 'unavailable';

/**
 * Settings are invalid, missing, or cannot be stored.
 *
 * Thrown by `StoredSettings` and `Connector.open` if they get an invalid connection. During a call,
 * the component returns it as a `ConfluenceError`.
 */
export class SettingsProblem extends Error {
  constructor(problem: {
    kind: ProblemKind;
    code: string;
    message: string;
    cause: string;
    resolution: string;
  });
  /** Category of the problem; branch on this. */
  readonly kind: ProblemKind;
  /** Stable identifier of this problem. */
  readonly code: string;
  /** Likely cause. */
  override readonly cause: string;
  /** How to fix it. */
  readonly resolution: string;
}
