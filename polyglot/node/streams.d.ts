import type { RecordBatch, Schema, Table } from 'apache-arrow';

import type {
  Budget,
  Connector,
  ErrorRecord,
  Notice,
  Observed,
  Parent,
  Pass,
} from './index.js';

/** What to read of a stream, and how much at once. */
export interface StepOptions {
  /** Id of a space, to read only its rows. */
  readonly partition?: string | undefined;
  /** State of the previous step; for the first step of `changes`, of the previous pass. */
  readonly state?: string | undefined;
  /** Rows of a parent stream, up to 250 for `step`; see `parentsOf`. */
  readonly parents?: readonly Parent[];
  /** Names of columns. Empty: all that are not on request. */
  readonly columns?: readonly string[];
  /** Also return each row's JSON from Confluence, in the column `raw`. */
  readonly raw?: boolean;
  /** Format of bodies: `storage`, `atlas_doc_format`, `text` or `markdown`. */
  readonly bodyFormat?: string | undefined;
  /** Limits of a step. */
  readonly budget?: Budget;
  /** Settings of streams by name, such as `custom-content-types`. */
  readonly settings?: Readonly<Record<string, string>>;
}

/** Result of one step of a pass. */
export interface Step {
  /** Rows by the name of their stream: that of the call, or others that the same responses feed. */
  readonly batches: ReadonlyMap<string, RecordBatch>;
  /** State for the next step. Store it together with the rows. */
  readonly state: string | undefined;
  /**
   * `more`: pass `state` to the next step. `done`: the pass is complete. `failed`: the pass ended early;
   * the rows are valid, and with a state the next step repeats what failed. `unsupported`: the stream is
   * not available on this site or to this account.
   */
  readonly outcome: 'more' | 'done' | 'failed' | 'unsupported';
  /** Why the pass ended early, if `outcome` is `failed`. */
  readonly error: ErrorRecord | undefined;
  /** Why the stream is not available, if `outcome` is `unsupported`. */
  readonly reason: string | undefined;
  /** Statistics. */
  readonly observed: Observed;
  /** What was omitted or unusual, and why. */
  readonly notices: readonly Notice[];
}

/** Options of `read`. */
export interface ReadOptions extends StepOptions {
  /** How to read the stream. Absent: every row with all columns, as the stream supports it. */
  readonly pass?: Pass;
}

/**
 * A stream that is being read: an iterable over its batches.
 *
 * It ends when the pass is complete. It throws `ConfluenceError` if the pass ended early; the batches
 * before are valid, and `state` continues after them. It throws `StreamUnsupported` if the stream is not
 * available.
 */
export class Reading implements Iterable<RecordBatch> {
  private constructor();
  /** Schema of the batches. */
  readonly schema: Schema;
  /**
   * State after the last batch; store it together with the rows. `undefined` if the stream is read in
   * several parts, because rows of its parents are read first or there are more than 250 parents: such a
   * reading cannot be continued.
   */
  readonly state: string | undefined;
  /** Rows so far. */
  readonly rows: number;
  /** Requests so far. */
  readonly requests: number;
  /** Estimated points of Confluence's rate limit so far. */
  readonly points: bigint;
  /** What was omitted or unusual so far. */
  readonly notices: readonly Notice[];
  /** Keys of parents that no longer exist or are hidden from this account, so far. */
  readonly missingParents: readonly string[];
  /** The remaining batches. */
  [Symbol.iterator](): Iterator<RecordBatch>;
  /** All remaining batches as one table. */
  readAll(): Table;
}

/**
 * Makes one step of a pass: the function `step` of the component.
 *
 * A step reads up to 10 000 rows, or what `budget` allows, and keeps nothing: pass the state of its result,
 * and all other arguments unchanged, to the next one.
 *
 * @throws {ConfluenceError} if nothing was read.
 * @throws {MalformedBatch} if the component violates the contract.
 */
export function step(connector: Connector, stream: string, pass: Pass, options?: StepOptions): Step;

/**
 * Reads a stream to its end. Names are checked at once; requests are made by the iteration.
 *
 * `parents` can be any number. If the stream needs parents and there are none, the rows of its parent streams
 * are read first, and all of them are parents. `folders` always needs parents: its ids are in `parent_id` of
 * pages.
 *
 * @throws {RangeError} for a stream, a pass or a column that does not exist.
 */
export function read(connector: Connector, stream: string, options?: ReadOptions): Reading;

/**
 * The rows of a batch as `parents` of a step. Rows that are marked as deleted are skipped.
 *
 * @param stream Name of the stream of the batch.
 */
export function parentsOf(stream: string, batch: RecordBatch): Parent[];
