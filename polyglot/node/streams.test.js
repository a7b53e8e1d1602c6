// Streams: what a component returns is checked, and read to its end: `node --test`.
//
// The component is a script of results here; `conformance.js` reads real ones.

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { recordBatch } from './batches.js';
import { ConfluenceError, MalformedBatch, StreamUnsupported } from './index.js';
import { parentsOf, read, step } from './streams.js';

const column = (name, buffers) => ({
  name,
  validity: new Uint8Array(),
  offsets: new Int32Array(),
  text: '',
  numbers: new BigInt64Array(),
  flags: new Uint8Array(),
  ...buffers,
});
const bytes = (...values) => Uint8Array.from(values);
const offsets = (...values) => Int32Array.from(values);
const numbers = (...values) => BigInt64Array.from(values);

/** A batch with one column. */
const one = (type, rows, buffers, { nullable = true, name = 'c' } = {}) =>
  recordBatch({ stream: 'pages', rows, columns: [column(name, buffers)] }, [[name, type, nullable]], 10);

const refused = (code, ...given) =>
  assert.throws(
    () => one(...given),
    (error) => error instanceof MalformedBatch && error.code === code,
    `${code} of ${given[0]}`,
  );

test('values are what the component returned, and numbers are not copied', () => {
  const texts = one('text', 3, { validity: bytes(5), offsets: offsets(0, 1, 1, 4), text: 'añb' });
  assert.deepEqual([...texts.getChild('c')], ['a', null, 'ñb']);
  const values = numbers(0n, 1_777_000_000_123n);
  const instants = one('instant', 2, { numbers: values });
  assert.deepEqual([...instants.getChild('c')], [0, 1_777_000_000_123]);
  assert.equal(instants.getChild('c').data[0].values.buffer, values.buffer);
  const flags = one('boolean', 10, { flags: bytes(255, 2) });
  assert.deepEqual([...flags.getChild('c')].slice(7), [true, false, true]);
  const json = one('json', 1, { offsets: offsets(0, 2), text: '{}' });
  assert.equal(json.schema.fields[0].metadata.get('ARROW:extension:name'), 'arrow.json');
  assert.equal(one('text', 0, { offsets: offsets(0) }).numRows, 0);
});

test('lengths that do not fit are refused', () => {
  refused('batch-value-count', 'text', 2, { offsets: offsets(0, 1), text: 'a' });
  refused('batch-value-count', 'text', 0, {});
  refused('batch-value-count', 'integer', 2, { numbers: numbers(1n) });
  refused('batch-value-count', 'instant', 0, { numbers: numbers(1n) });
  refused('batch-bitmap-length', 'boolean', 9, { flags: bytes(1) });
  refused('batch-bitmap-length', 'integer', 1, { validity: bytes(1, 1), numbers: numbers(1n) });
  refused('batch-bitmap-length', 'text', 0, { validity: bytes(1), offsets: offsets(0) });
  refused('batch-too-many-rows', 'integer', 2 ** 32 - 1, {});
});

test('offsets that lead elsewhere are refused', () => {
  for (const ends of [[1, 2], [0, 1], [0, 3], [-1, 2], [0, -(2 ** 31)], [0, 2 ** 31 - 1]]) {
    refused('batch-offset-ends', 'text', 1, { offsets: offsets(...ends), text: 'ab' });
  }
  for (const ends of [[0, 2, 1, 2], [0, 2 ** 31 - 1, 0, 2], [0, -1, 1, 2]]) {
    refused('batch-offset-falls', 'text', 3, { offsets: offsets(...ends), text: 'ab' });
    refused('batch-offset-falls', 'json', 3, { validity: bytes(0), offsets: offsets(...ends), text: 'ab' });
  }
  refused('batch-offset-inside-character', 'text', 2, { offsets: offsets(0, 1, 2), text: 'ñ' });
});

test('values that the column does not allow are refused', () => {
  refused('batch-values-of-another-type', 'integer', 0, { text: 'a' });
  refused('batch-values-of-another-type', 'boolean', 1, { flags: bytes(1), offsets: offsets(0) });
  refused('batch-instant-out-of-range', 'instant', 1, { numbers: numbers(2n ** 62n) });
  refused('batch-null', 'integer', 1, { validity: bytes(0), numbers: numbers(0n) }, { nullable: false });
  refused('batch-empty-key', 'text', 1, { offsets: offsets(0, 0) }, { nullable: false, name: '_key' });
});

test('other columns than expected are refused', () => {
  const refusal = (columns, code) =>
    assert.throws(
      () => recordBatch({ stream: 'pages', rows: 0, columns }, [['a', 'integer', true]], 10),
      (error) => error.code === code && !error.message.includes('b'.repeat(64)),
    );
  refusal([], 'batch-column-count');
  refusal([column('b'.repeat(100), {})], 'batch-other-column');
});

const described = (name, passes, parents = []) => ({
  name,
  key: ['id'],
  parents,
  bySpace: false,
  columns: [{ name: 'id', type: 'text', nullable: false, onRequest: false }],
  passes,
});
const streams = [
  described('groups', ['full', 'census']),
  described('members', ['access'], ['groups']),
  described('users', ['details'], ['members']),
  described('folders', ['details'], ['folders']),
];

const texts = (name, values) => {
  const ends = [0];
  for (const value of values) ends.push(ends.at(-1) + value.length);
  return column(name, { offsets: Int32Array.from(ends), text: values.join('') });
};

const progress = (stream, keys, outcome = { tag: 'done' }, state = undefined) => {
  const nulls = {
    validity: new Uint8Array(Math.ceil(keys.length / 8)),
    offsets: new Int32Array(keys.length + 1),
  };
  const columns = [
    texts('_key', keys),
    column('_parent', nulls),
    column('_container', nulls),
    texts('_fingerprint', keys),
    column('_deleted', nulls),
    texts('id', keys),
  ];
  const observed = { rows: 0n, requests: 1, points: 2n, foreignRows: 0n, missingParents: [] };
  return { batches: [{ stream, rows: keys.length, columns }], state, outcome, observed, notices: [] };
};

/** Streams that answer what a script says. Steps without parents fail for streams that need them. */
const script = (...results) => {
  const requests = [];
  return {
    requests,
    streams: () => streams,
    call(_, { request }) {
      requests.push(request);
      const needs = streams.find(({ name }) => name === request.stream).parents;
      if (needs.length > 0 && request.parents.length === 0) {
        throw new ConfluenceError({ kind: 'invalid-argument', code: 'parents-missing' });
      }
      return results.shift();
    },
  };
};

const keysOf = (table) => [...table.getChild('_key')];

test('a reading passes each state on and sums up', () => {
  const connector = script(
    progress('groups', ['1'], { tag: 'more' }, 'a'),
    progress('groups', [], { tag: 'more' }, 'b'),
    progress('groups', ['2'], undefined, 'c'),
  );
  const reading = read(connector, 'groups', { state: 'z' });
  assert.equal(reading.state, 'z');
  assert.deepEqual([...reading].map((batch) => batch.numRows), [1, 1]);
  assert.deepEqual(connector.requests.map(({ state }) => state), ['z', 'a', 'b']);
  assert.deepEqual([reading.state, reading.rows, reading.requests, reading.points], ['c', 2, 3, 6n]);
});

test('a pass that ends early gives its rows before the error, and can go on', () => {
  const failed = { tag: 'failed', val: { kind: 'rate-limited', code: 'burst' } };
  const reading = read(script(progress('groups', ['1'], failed, 'a')), 'groups');
  const batches = reading[Symbol.iterator]();
  assert.equal(batches.next().value.numRows, 1);
  assert.equal(reading.state, 'a');
  assert.throws(() => batches.next(), (error) => error instanceof ConfluenceError && error.code === 'burst');
  assert.equal(batches.next().done, true);
});

test('a stream that the site does not have is an error of its own', () => {
  const connector = script(progress('groups', [], { tag: 'unsupported', val: 'no roles' }));
  assert.throws(
    () => read(connector, 'groups').readAll(),
    (error) => error instanceof StreamUnsupported && error.reason === 'no roles',
  );
});

test('parents are read first, also of parents, and each account once', () => {
  const connector = script(
    progress('groups', ['g', 'h']),
    progress('members', ['g/1', 'h/1', 'h/2']),
    progress('users', ['1', '2']),
  );
  const reading = read(connector, 'users');
  assert.deepEqual(keysOf(reading.readAll()), ['1', '2']);
  assert.equal(reading.state, undefined);
  const parents = connector.requests.map(({ parents }) => parents.map(({ key }) => key));
  assert.deepEqual(parents, [[], [], [], ['g', 'h'], ['g/1', 'h/2']]);
});

test('many parents are read in groups', () => {
  const keys = Array.from({ length: 600 }, (_, key) => `${key}`);
  const batch = step(script(progress('groups', keys)), 'groups', 'full').batches.get('groups');
  const parents = parentsOf('groups', batch);
  const connector = script(...[0, 1, 2].map((group) => progress('members', [`${group}/1`])));
  assert.equal(read(connector, 'members', { parents }).readAll().numRows, 3);
  assert.deepEqual(connector.requests.map((request) => request.parents.length), [250, 250, 100]);
  assert.throws(() => read(connector, 'members', { parents, state: 'a' }), /`state` continues one pass/);
});

test('a stream whose parents are its own rows needs them', () => {
  assert.throws(() => read(script(), 'folders').readAll(), (error) => error.code === 'parents-missing');
});

test('names that do not exist are refused at once', () => {
  const connector = script();
  assert.throws(() => read(connector, 'nothing'), /there is no stream `nothing`; streams are `groups`/);
  assert.throws(() => read(connector, 'groups', { pass: 'versions' }), /has no pass `versions`/);
  assert.throws(() => read(connector, 'groups', { columns: ['x'] }), /has no column `x`; its columns are `id`/);
  assert.throws(() => read(connector, 'groups', { spaces: [] }), /has no field `spaces`; its fields are `pass`/);
  assert.throws(() => step(connector, 'groups', 'full', { budget: { row: 1 } }), /has no field `row`/);
  assert.deepEqual(connector.requests, []);
});

test('steps that violate the contract are refused', () => {
  const twice = progress('groups', ['1']);
  twice.batches.push(twice.batches[0]);
  for (const [result, code] of [
    [progress('groups', ['1'], { tag: 'more' }), 'step-without-progress'],
    [progress('groups', [], { tag: 'more' }, 's'), 'step-without-progress'],
    [progress('groups', [], undefined, 's'.repeat(16_385)), 'state-too-long'],
    [progress('elsewhere', []), 'batch-of-unknown-stream'],
    [twice, 'batch-twice'],
  ]) {
    assert.throws(
      () => step(script(result), 'groups', 'full', { state: 's' }),
      (error) => error instanceof MalformedBatch && error.code === code,
      code,
    );
  }
});
