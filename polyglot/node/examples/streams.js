// Usage: node examples/streams.js ENDPOINT
//
// Counts the pages of each space, and the versions of the pages of the first one. CONFLUENCE_AUTH is as for
// `pages.js`.

import { Connector } from 'confluence-connector';
import { parentsOf, read } from 'confluence-connector/streams';

const endpoint = process.argv[2] ?? 'https://example.atlassian.net';
const authorization = process.env['CONFLUENCE_AUTH'] ?? '';
const connector = await Connector.open({ endpoint, authorization });

/** @type {Map<string, import('confluence-connector').Parent[]>} */
const pages = new Map();
for (const batch of read(connector, 'pages', { columns: ['id', 'space_id', 'version__number'] })) {
  for (const parent of parentsOf('pages', batch)) {
    const space = parent.container ?? '';
    pages.set(space, [...(pages.get(space) ?? []), parent]);
  }
}
const spaces = [...pages.keys()].sort();
for (const space of spaces) {
  console.log(space, pages.get(space)?.length);
}

// Store `reading.state` with the rows to continue after an error.
const parents = pages.get(spaces[0] ?? '') ?? [];
const reading = read(connector, 'page_versions', { parents });
for (const batch of reading) {
  /** @type {bigint[]} */
  const numbers = [...(batch.getChild('number') ?? [])];
  const largest = numbers.reduce((left, right) => (left > right ? left : right));
  console.log(batch.numRows, 'versions,', `${largest}`, 'is the largest number');
}
console.log(reading.rows, 'versions of', parents.length, 'pages in', reading.requests, 'requests');
