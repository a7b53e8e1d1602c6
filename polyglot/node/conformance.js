// Runs the cases through Node: `node conformance.js HOST_RUNNER CASES`.
//
// Prints the report, one line a case, in the bytes that every host prints. What a report looks like,
// and what a case is made of, stands in `polyglot/rust`.

import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { Vector } from 'apache-arrow';

import { ConfluenceError, Connector, StoredSettings } from './index.js';
import { parentsOf, step } from './streams.js';

const AUTHORIZATION = 'Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==';

/** Bytes of the longest value that is written out. Of others a digest stands for the items. */
const LONGEST = 8_000;

/** For the one case whose site never answers. */
const TIMEOUT_MS = 2_000;

/** JSON with 64-bit numbers in all their digits, and null for what is absent. */
function canonical(value) {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const fields = Object.entries(value);
    return `{${fields.map(([name, field]) => `${JSON.stringify(name)}:${canonical(field)}`).join(',')}}`;
  }
  return JSON.stringify(value ?? null);
}

function digest(text) {
  const hash = createHash('sha256').update(text).digest('hex');
  return { bytes: Buffer.byteLength(text), digest: `sha256:${hash}` };
}

function outcomeOfValue(value, site) {
  const written = (value) => canonical(value).replaceAll(site, 'SITE');
  let text = written(value);
  if (Buffer.byteLength(text) > LONGEST) {
    const long = ['items', 'batches'].find((name) => name in value);
    text = long
      ? written({ ...value, [long]: digest(written(value[long])) })
      : canonical(digest(text));
  }
  return `{"value":${text}}`;
}

function outcomeOfError(error, hostWordsIt, site) {
  const record = hostWordsIt ? { kind: error.kind } : error.record;
  return `{"error":${canonical(record)}}`.replaceAll(site, 'SITE');
}

function typeName(field) {
  if (field.metadata.size > 0) return 'json';
  return { Utf8: 'text', Int64: 'integer', Bool: 'boolean' }[`${field.type}`] ?? 'instant';
}

const decoder = new TextDecoder('utf-8', { ignoreBOM: true });

/** The values of a column. apache-arrow removes U+FEFF from the start of a text that it decodes. */
function values(data) {
  if (!data.valueOffsets) return [...new Vector([data])];
  return Array.from({ length: data.length }, (_, row) =>
    data.getValid(row)
      ? decoder.decode(data.values.subarray(data.valueOffsets[row], data.valueOffsets[row + 1]))
      : null);
}

/** A batch: rows as lists of values, instants in milliseconds. */
function batchValue([stream, batch]) {
  const { fields } = batch.schema;
  const columns = fields.map(({ name }) => values(batch.getChild(name).data[0]));
  return {
    stream,
    columns: fields.map((field) => [field.name, typeName(field), field.nullable]),
    rows: Array.from({ length: batch.numRows }, (_, row) => columns.map((column) => column[row])),
  };
}

/** What a step returned. The time of the site is another one in each run, also in a state. */
function stepValue({ batches, state, outcome, error, reason, observed, notices }, isTimed = false) {
  return {
    batches: [...batches].map(batchValue),
    state: isTimed ? state !== undefined : state,
    outcome: error ? { failed: error } : reason ? { unsupported: reason } : outcome,
    observed: { ...observed, siteTime: observed.siteTime !== undefined },
    notices,
  };
}

/** A step. What it continues is the state that the Rust host was given. */
function makeStep(connector, test, { stream, pass, ...options }, answers) {
  const { stateOf } = options.state ?? {};
  if (stateOf !== undefined) {
    options.state = test.outcomes[stateOf].value.state;
  }
  const { parentsOf: number } = options.parents ?? {};
  if (number !== undefined) {
    const [[name, batch]] = answers[number].batches;
    options.parents = parentsOf(name, batch);
  }
  return step(connector, stream, pass, options);
}

/** A simulator for one case. */
async function simulator(hostRunner, { site = { seed: 42, pages: 200 }, faults }, log) {
  const words = ['simulator', 'serve', '--port', '0', '--request-log', log];
  words.push('--seed', `${site.seed}`, '--pages', `${site.pages}`);
  if (faults) words.push('--fault', faults);
  const child = spawn(hostRunner, words, { stdio: ['ignore', 'pipe', 'ignore'] });
  const [endpoint] = await new Promise((resolve, reject) => {
    createInterface(child.stdout).once('line', (line) => resolve([line]));
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`the simulator ended with ${code}`)));
  });
  return { endpoint, stop: () => child.kill() };
}

/** An argument, with what stands for something else put in. */
function argument(value, answers, site) {
  if (value?.afterOf !== undefined) return answers[value.afterOf].rest.after;
  return typeof value === 'string' ? value.replaceAll('SITE', site) : value;
}

async function run(hostRunner, test, log) {
  const { endpoint, stop } = await simulator(hostRunner, test, log);
  try {
    const site = new URL(endpoint).host;
    const connection = {
      endpoint: (test.endpoint ?? endpoint).replaceAll('SITE', site),
      authorization: AUTHORIZATION,
    };
    const settings = new StoredSettings(test.connected === false ? undefined : connection, {
      widest: 'env',
    });
    const connector = await Connector.open(settings, { timeoutMs: TIMEOUT_MS });
    const outcomes = [];
    const answers = [];
    for (const { function: name, arguments: given = {}, timedState } of test.calls) {
      const named = Object.entries(given).map(([key, value]) => [key, argument(value, answers, site)]);
      try {
        const answer =
          name === 'step'
            ? makeStep(connector, test, given, answers)
            : connector[name](Object.fromEntries(named));
        outcomes.push(outcomeOfValue(name === 'step' ? stepValue(answer, timedState) : answer, site));
        answers.push(answer);
      } catch (error) {
        if (!(error instanceof ConfluenceError)) throw error;
        outcomes.push(outcomeOfError(error, test.hostErrors, site));
        answers.push(undefined);
      }
    }
    const lines = readFileSync(log, 'utf8').split('\n').filter(Boolean);
    const requests = lines.map((line) => {
      const { method, path } = JSON.parse(line);
      return `${method} ${path}`.replaceAll(site, 'SITE');
    });
    return { outcomes, requests };
  } finally {
    stop();
  }
}

const [hostRunner, cases] = process.argv.slice(2);
const folder = mkdtempSync(join(tmpdir(), 'conformance-'));
let different = 0;
try {
  for (const test of JSON.parse(readFileSync(cases, 'utf8'))) {
    const { outcomes, requests } = await run(hostRunner, test, join(folder, 'requests.ndjson'));
    const needs = test.needs ? `"needs":${JSON.stringify(test.needs)},` : '';
    const outcome = `[${outcomes.join(',')}]`;
    const asked = JSON.stringify(requests);
    console.log(
      `{"case":${JSON.stringify(test.name)},${needs}"outcomes":${outcome},"requests":${asked}}`,
    );
    // Numbers of 64 bits do not survive `JSON.parse`: what is expected is compared as it would be
    // read, and digit by digit with the other hosts' reports.
    const isExpected =
      JSON.stringify(JSON.parse(outcome)) === JSON.stringify(test.outcomes) &&
      asked === JSON.stringify(test.requests);
    if (!isExpected) {
      different += 1;
      console.error(`case \`${test.name}\` expected`, JSON.stringify(test.outcomes), test.requests);
      console.error('came', outcome, requests);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}
process.exitCode = different ? 1 : 0;
