// Streams: bulk data as record batches of apache-arrow.

import { Table } from 'apache-arrow';

import { expectedColumns, recordBatch, schemaOf } from './batches.js';
import { records } from './contract.js';
import { ConfluenceError, MalformedBatch, StreamUnsupported } from './errors.js';

/** Maximum number of parents of one step. */
const MAX_PARENTS = 250;

/** Maximum length of a state, in bytes. */
const MAX_STATE_BYTES = 16 * 1024;

/** Maximum number of rows of a step whose budget names none. */
const DEFAULT_ROWS = 10_000;

/** Rows that a step may have beyond those that were requested: lists in the items of one response are not divided. */
const MAX_ROWS_OF_RESPONSE = 50_000;

const VERSION = 'version__number';

/** Passes in the order in which `read` chooses one. */
const PREFERRED = ['full', 'details', 'versions', 'access', 'census', 'changes'];

const OPTIONS = ['pass', 'partition', 'state', 'parents', 'columns', 'raw', 'bodyFormat', 'budget', 'settings'];

/** Makes one step of a pass. */
export function step(connector, stream, pass, options = {}) {
  const { partition, state, parents, projection, budget, settings } = checked({ pass, ...options });
  const described = new Map(connector.streams({ settings }).map((each) => [each.name, each]));
  const progress = connector.call('step', {
    request: { stream, pass, partition, state, parents, projection, budget, settings: Object.entries(settings) },
  });
  const batches = new Map();
  for (const batch of progress.batches) {
    const of = described.get(batch.stream);
    if (!of) {
      throw new MalformedBatch(
        'batch-of-unknown-stream',
        `a step has rows of the stream \`${batch.stream.slice(0, 63)}\`, which does not exist`,
      );
    }
    if (batches.has(batch.stream)) {
      throw new MalformedBatch('batch-twice', `a step has two batches of the stream \`${batch.stream}\``);
    }
    const expected = expectedColumns(of, projection);
    const maxRows = (budget.rows ?? DEFAULT_ROWS) + MAX_ROWS_OF_RESPONSE;
    batches.set(batch.stream, recordBatch(batch, expected, maxRows));
  }
  const { tag: outcome, val } = progress.outcome;
  const bytes = Buffer.byteLength(progress.state ?? '');
  if (bytes > MAX_STATE_BYTES) {
    throw new MalformedBatch(
      'state-too-long',
      `the state of a step has ${bytes} bytes; at most ${MAX_STATE_BYTES} are allowed`,
    );
  }
  const hasRows = [...batches.values()].some((batch) => batch.numRows > 0);
  if (outcome === 'more' && (progress.state === undefined || (progress.state === state && !hasRows))) {
    // It would never end.
    throw new MalformedBatch(
      'step-without-progress',
      `a step of the stream \`${stream}\` reports more rows but has not moved on`,
    );
  }
  return {
    batches,
    state: progress.state,
    outcome,
    error: outcome === 'failed' ? val : undefined,
    reason: outcome === 'unsupported' ? val : undefined,
    observed: progress.observed,
    notices: progress.notices,
  };
}

/** Reads a stream to its end: an iterable of its batches. */
export function read(connector, stream, options = {}) {
  const request = checked(options);
  const described = find(connector, stream, request.settings);
  const pass = chosen(described, options.pass);
  const known = described.columns.map(({ name }) => name);
  const unknown = request.projection.columns.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new RangeError(`\`${stream}\` has no column \`${unknown}\`; its columns are \`${known.join('`, `')}\``);
  }
  if (request.state !== undefined && request.parents.length > MAX_PARENTS) {
    throw new RangeError(
      `\`state\` continues one pass, and ${request.parents.length} parents are read in several: pass at most ${MAX_PARENTS}`,
    );
  }
  return new Reading(connector, described, pass, request);
}

/** The rows of a batch as `parents` of a step. Rows that are marked as deleted are skipped. */
export function parentsOf(stream, batch) {
  const column = (name) => batch.getChild(name);
  const [keys, containers, deleted, versions] = ['_key', '_container', '_deleted', VERSION].map(column);
  const parents = [];
  for (let row = 0; row < batch.numRows; row += 1) {
    if (deleted.get(row) === null) {
      parents.push({
        stream,
        key: keys.get(row),
        version: versions?.get(row) ?? undefined,
        container: containers.get(row) ?? undefined,
      });
    }
  }
  return parents;
}

/** A stream that is being read. */
export class Reading {
  #connector;
  #pass;
  #request;
  #tasks;
  #isOnePass;
  #seen = new Set();
  state;
  rows = 0;
  requests = 0;
  points = 0n;
  notices = [];
  missingParents = [];

  constructor(connector, stream, pass, request) {
    const { partition, parents, state, projection } = request;
    this.#connector = connector;
    this.#pass = pass;
    this.#request = request;
    this.schema = schemaOf(expectedColumns(stream, projection));
    this.#tasks = groups(parents).map((group) => ({ stream, pass, partition, parents: group, state, children: [] }));
    this.#isOnePass = this.#tasks.length === 1;
    this.state = this.#isOnePass ? state : undefined;
    if (partition !== undefined && parents.length === 0 && !stream.bySpace) {
      if (this.#readParentsFirst(this.#tasks[0])) {
        this.#tasks.shift();
      }
    }
  }

  *[Symbol.iterator]() {
    while (this.#tasks.length > 0) {
      const { batch, failed } = this.#step(this.#tasks.shift());
      if (failed) {
        this.#tasks = [];
      }
      if (batch?.numRows > 0) {
        this.rows += batch.numRows;
        yield batch;
      }
      if (failed) {
        throw failed;
      }
    }
  }

  /** All remaining batches as one table. */
  readAll() {
    return new Table(this.schema, [...this]);
  }

  /** Makes one step. What it throws leaves nothing to continue. */
  #step(task) {
    const { settings, budget } = this.#request;
    let progress;
    try {
      progress = step(this.#connector, task.stream.name, task.pass, {
        partition: task.partition,
        state: task.state,
        parents: task.parents,
        ...(task.children.length > 0 ? { columns: keys(task.stream) } : this.#request.projection),
        budget,
        settings,
      });
    } catch (error) {
      const needsParents = error instanceof ConfluenceError && error.code === 'parents-missing';
      if (needsParents && task.parents.length === 0 && this.#readParentsFirst(task)) {
        return {};
      }
      this.#tasks = [];
      throw error;
    }
    this.requests += progress.observed.requests;
    this.points += progress.observed.points;
    this.notices.push(...progress.notices);
    this.missingParents.push(...progress.observed.missingParents);
    let failed;
    if (progress.outcome === 'more') {
      this.#tasks.unshift({ ...task, state: progress.state });
    } else if (progress.outcome === 'failed') {
      failed = new ConfluenceError(progress.error);
    } else if (progress.outcome === 'unsupported' && task.children.length === 0) {
      failed = new StreamUnsupported(task.stream.name, progress.reason);
    }
    const batch = progress.batches.get(task.stream.name);
    if (task.children.length > 0) {
      if (batch) {
        this.#readChildren(task, batch);
      }
      return { failed };
    }
    if (this.#isOnePass) {
      this.state = progress.state;
    }
    return { batch, failed };
  }

  /** Reads the rows of the task's parents first. False: it is not known which they are. */
  #readParentsFirst({ stream, pass, partition, children }) {
    const parents = stream.parents.map((name) => find(this.#connector, name, this.#request.settings));
    const known = [stream, ...children].map(({ name }) => name);
    // A stream that lists only the rows of its own rows, such as `folders`, has no beginning.
    const isEndless = parents.some((parent) => known.includes(parent.name) && !listing(parent));
    if (pass === 'look-up' || parents.length === 0 || isEndless) {
      return false;
    }
    this.#isOnePass = false;
    this.state = undefined;
    for (const parent of parents) {
      this.#tasks.push({
        stream: parent,
        pass: listing(parent) ?? chosen(parent),
        partition: parent.bySpace ? partition : undefined,
        parents: [],
        children: [...children, stream],
      });
    }
    return true;
  }

  #readChildren(task, batch) {
    const found = parentsOf(task.stream.name, batch).filter(({ key }) => {
      // A row of a set, such as a member of a group, stands for the last part of its key.
      const at = key.lastIndexOf('/');
      if (at === -1) return true;
      const own = key.slice(at + 1);
      const isNew = !this.#seen.has(own);
      this.#seen.add(own);
      return isNew;
    });
    if (found.length > 0) {
      // Before the rest of the parents, so that few of them are held.
      const children = task.children.slice(0, -1);
      const stream = task.children.at(-1);
      const pass = children.length > 0 ? chosen(stream) : this.#pass;
      const tasks = groups(found).map((parents) => ({ stream, pass, parents, children }));
      this.#tasks.unshift(...tasks);
    }
  }
}

/** Parents in groups for a step each; one empty group if there are none. */
function groups(parents) {
  const count = Math.max(1, Math.ceil(parents.length / MAX_PARENTS));
  return Array.from({ length: count }, (_, index) =>
    parents.slice(index * MAX_PARENTS, (index + 1) * MAX_PARENTS));
}

/** The pass that lists all keys without parents, if there is one. */
function listing({ passes }) {
  return ['census', 'full'].find((pass) => passes.includes(pass));
}

/** The key columns, and the number of a row's version, which children are read by. */
function keys(stream) {
  const hasVersion = stream.columns.some(({ name }) => name === VERSION);
  return [...stream.key, ...(hasVersion && !stream.key.includes(VERSION) ? [VERSION] : [])];
}

function find(connector, name, settings) {
  const streams = connector.streams({ settings });
  const found = streams.find((stream) => stream.name === name);
  if (!found) {
    const names = streams.map((stream) => stream.name).join('`, `');
    throw new RangeError(`there is no stream \`${name}\`; streams are \`${names}\``);
  }
  return found;
}

function chosen({ name, passes }, wanted) {
  if (wanted === undefined) {
    return PREFERRED.find((pass) => passes.includes(pass)) ?? 'full';
  }
  if (!passes.includes(wanted)) {
    throw new RangeError(`\`${name}\` has no pass \`${wanted}\`; its passes are \`${passes.join('`, `')}\``);
  }
  return wanted;
}

/** The options with all their fields. Throws for unknown ones, which would be ignored otherwise. */
function checked(options) {
  refuseUnknown('options', options, OPTIONS);
  const { partition, state, parents = [], columns = [], raw = false, bodyFormat, budget = {}, settings = {} } = options;
  refuseUnknown('budget', budget, Object.keys(records.Budget));
  return { partition, state, parents, projection: { columns, raw, bodyFormat }, budget, settings };
}

function refuseUnknown(what, given, known) {
  const unknown = Object.keys(given).find((key) => !known.includes(key));
  if (unknown !== undefined) {
    throw new TypeError(`\`${what}\` has no field \`${unknown}\`; its fields are \`${known.join('`, `')}\``);
  }
}
