// Batches of the component as record batches of apache-arrow.
//
// The component is not trusted, and apache-arrow checks nothing: names, lengths, offsets and nulls are
// checked here before a value is read. Bitmaps, offsets and numbers are used as they are; text, which
// the component hands over as a string, is encoded once.

import { MalformedBatch } from './errors.js';

const arrow = await import('apache-arrow').catch((error) => {
  throw new Error(
    'reading streams needs the package `apache-arrow`, which is not installed: run `npm install apache-arrow`',
    { cause: error },
  );
});

/** Columns of every batch, before those of the stream: name, type, and whether values can be null. */
const SYSTEM_COLUMNS = [
  ['_key', 'text', false],
  ['_parent', 'text', true],
  ['_container', 'text', true],
  ['_fingerprint', 'text', false],
  ['_deleted', 'text', true],
];

/** 0001-01-01T00:00:00Z in milliseconds since 1970. */
const MIN_INSTANT = -62_135_596_800_000n;

/** 9999-12-31T23:59:59.999Z: later instants have no year of four digits. */
const MAX_INSTANT = 253_402_300_799_999n;

const JSON_TEXT = new Map([['ARROW:extension:name', 'arrow.json']]);

const TYPES = {
  text: new arrow.Utf8(),
  json: new arrow.Utf8(),
  integer: new arrow.Int64(),
  instant: new arrow.Timestamp(arrow.TimeUnit.MILLISECOND, 'UTC'),
  boolean: new arrow.Bool(),
};

/** Fields of a column that a type does not use, and that must be empty. */
const UNUSED = {
  text: ['numbers', 'flags'],
  json: ['numbers', 'flags'],
  integer: ['offsets', 'text', 'flags'],
  instant: ['offsets', 'text', 'flags'],
  boolean: ['offsets', 'text', 'numbers'],
};

const encoder = new TextEncoder();

/** The columns of the batches that a projection makes, in their order. */
export function expectedColumns(stream, { columns, raw, bodyFormat }) {
  const isWanted = ({ name, onRequest }) =>
    columns.length > 0 ? columns.includes(name) : !onRequest || (bodyFormat !== undefined && name === 'body');
  return [
    ...SYSTEM_COLUMNS,
    ...stream.columns.filter(isWanted).map(({ name, type, nullable }) => [name, type, nullable]),
    ...(raw ? [['raw', 'json', true]] : []),
  ];
}

/** The schema of batches with these columns. JSON has the extension name `arrow.json`. */
export function schemaOf(expected) {
  return new arrow.Schema(
    expected.map(([name, type, nullable]) =>
      new arrow.Field(name, TYPES[type], nullable, type === 'json' ? JSON_TEXT : undefined)),
  );
}

/** A batch, after all of it was checked. Throws `MalformedBatch`. */
export function recordBatch({ stream, rows, columns }, expected, maxRows) {
  if (rows > maxRows) {
    throw new MalformedBatch(
      'batch-too-many-rows',
      `a batch of the stream \`${cut(stream)}\` has ${rows} rows; at most ${maxRows} are allowed`,
    );
  }
  if (columns.length !== expected.length) {
    throw new MalformedBatch(
      'batch-column-count',
      `a batch of the stream \`${cut(stream)}\` has ${columns.length} columns instead of ${expected.length}`,
    );
  }
  const children = columns.map((column, index) => data(stream, column, expected[index], rows));
  const schema = schemaOf(expected);
  const type = new arrow.Struct(schema.fields);
  return new arrow.RecordBatch(
    schema,
    arrow.makeData({ type, length: rows, nullCount: 0, children }),
  );
}

function data(stream, column, [name, type, nullable], rows) {
  if (column.name !== name) {
    throw new MalformedBatch(
      'batch-other-column',
      `a batch of the stream \`${cut(stream)}\` has a column \`${cut(column.name)}\` where \`${name}\` should be`,
    );
  }
  const malformed = (code, reason) =>
    new MalformedBatch(code, `the column \`${name}\` of a batch of the stream \`${cut(stream)}\` is malformed: ${reason}`);
  const check = (field, count, code) => {
    if (column[field].length !== count) {
      throw malformed(code, `\`${field}\` has ${column[field].length} values instead of ${count} for ${rows} rows`);
    }
  };
  const other = UNUSED[type].find((field) => column[field].length > 0);
  if (other) {
    throw malformed('batch-values-of-another-type', `it has \`${other}\`, and its type is \`${type}\``);
  }
  const bytes = Math.ceil(rows / 8);
  const nulls = { nullCount: 0, nullBitmap: undefined };
  if (column.validity.length > 0) {
    check('validity', bytes, 'batch-bitmap-length');
    nulls.nullCount = rows - ones(column.validity, rows);
    nulls.nullBitmap = nulls.nullCount > 0 ? column.validity : undefined;
  }
  if (!nullable && nulls.nullCount > 0) {
    throw malformed('batch-null', `${nulls.nullCount} of its values are null, and it is not nullable`);
  }
  const made = (buffers) => arrow.makeData({ type: TYPES[type], length: rows, ...nulls, ...buffers });
  switch (type) {
    case 'text':
    case 'json': {
      check('offsets', rows + 1, 'batch-value-count');
      const text = encoder.encode(column.text);
      checkOffsets(column.offsets, text, malformed, name === '_key');
      return made({ valueOffsets: column.offsets, data: text });
    }
    case 'boolean':
      check('flags', bytes, 'batch-bitmap-length');
      return made({ data: column.flags });
    default:
      check('numbers', rows, 'batch-value-count');
      if (type === 'instant') {
        const row = column.numbers.findIndex((number) => number < MIN_INSTANT || number > MAX_INSTANT);
        if (row !== -1) {
          throw malformed('batch-instant-out-of-range', `the instant of row ${row} is not in the years 1 to 9999`);
        }
      }
      return made({ data: column.numbers });
  }
}

/** Checks that offsets go from 0 to the end of the text, never fall, and are between characters. */
function checkOffsets(offsets, text, malformed, isKey) {
  const first = offsets[0];
  const last = offsets[offsets.length - 1];
  if (first !== 0 || last !== text.length) {
    throw malformed(
      'batch-offset-ends',
      `its offsets go from ${first} to ${last}, and its text has ${text.length} bytes`,
    );
  }
  for (let row = 0; row + 1 < offsets.length; row += 1) {
    const end = offsets[row + 1];
    if (end < offsets[row]) {
      throw malformed('batch-offset-falls', `the offset after row ${row} falls`);
    }
    // They go from 0 to the end and never fall, so all of them are inside the text.
    if (end < text.length && (text[end] & 0xc0) === 0x80) {
      throw malformed('batch-offset-inside-character', `the offset after row ${row} is inside a character`);
    }
    if (isKey && end === offsets[row]) {
      throw malformed('batch-empty-key', `the key of row ${row} is empty`);
    }
  }
}

/** Number of ones in the first bits of a bitmap. */
function ones(bitmap, bits) {
  let count = 0;
  for (let bit = 0; bit < bits; bit += 1) {
    count += (bitmap[bit >> 3] >> (bit & 7)) & 1;
  }
  return count;
}

/** A name that the component chose, of at most 63 characters. */
function cut(name) {
  return name.slice(0, 63);
}
