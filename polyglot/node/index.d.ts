import type { Calls, ErrorKind, ErrorRecord, Level, LimitScope } from './contract.js';

export type * from './contract.js';

/** A site, and the authorization for it: one record, never the halves of two. */
export interface Connection {
  /** The site, such as `https://example.atlassian.net`, or the endpoint of its API. */
  readonly endpoint: string;
  /**
   * The value of the `Authorization` header: `Basic ` and the base64 of `email:token`, or `Bearer `
   * and a token. The component does not see it.
   */
  readonly authorization: string;
}

/** What a connector asks for with each call. Both may throw `SettingsProblem`. */
export interface Settings {
  /** The connection in force. */
  connection(): Connection;
  /** Keeps a connection at a level, for `setApiUrlAndAuth`. The endpoint has been checked by then. */
  store(connection: Connection, level: Level): void;
}

/** Settings in memory: one connection for each level, of which the narrowest is in force. */
export class StoredSettings implements Settings {
  /**
   * @param connection The one of the level `app`, to begin with.
   * @param options `widest` is the widest level that `store` may write. For programs that call on
   * behalf of others: an app's user has no business at the level `cluster`.
   */
  constructor(connection?: Connection, options?: { readonly widest?: Level });
  connection(): Connection;
  store(connection: Connection, level: Level): void;
}

/** Options of a connector. */
export interface ConnectorOptions {
  /** The most that a connection, the head of an answer, or the next piece of it may take. 30 s. */
  readonly timeoutMs?: number;
}

/**
 * A site, and the functions to ask it with.
 *
 * Calls are synchronous: a thread waits until the site has answered. A server makes them in a worker.
 */
export class Connector {
  private constructor();
  /** Opens a connector, with an instance of the component that no other one uses. */
  static open(settings?: Connection | Settings, options?: ConnectorOptions): Promise<Connector>;
}

export interface Connector extends Calls {}

/** The component answered an error, in place of what it was asked for. */
export class ConfluenceError extends Error {
  constructor(record: ErrorRecord);
  /** All of it, as the component answered it. */
  readonly record: ErrorRecord;
  /** The kind, to decide upon. */
  readonly kind: ErrorKind;
  /** A stable word for this very failure. */
  readonly code: string;
  /** The likely cause. */
  override readonly cause: string;
  /** What to do about it. */
  readonly resolution: string;
  /** The HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** What Atlassian's support asks for. */
  readonly requestId: string | undefined;
  /** How long Confluence asks to wait, in milliseconds. */
  readonly retryAfterMs: bigint | undefined;
  /** What the rate limit counts. */
  readonly limitScope: LimitScope | undefined;
}

/** The component stopped in the middle of a call, which it never should. Open another connector. */
export class ConnectorBroke extends Error {}

/** What kind of thing is wrong with settings. */
export type ProblemKind =
  | 'not-configured'
  | 'invalid-endpoint'
  | 'invalid-authorization'
  | 'refused'
  | 'unavailable';

/** Why settings are not given or not kept. The component answers it as an error of this kind. */
export class SettingsProblem extends Error {
  constructor(problem: {
    kind: ProblemKind;
    code: string;
    message: string;
    cause: string;
    resolution: string;
  });
}
