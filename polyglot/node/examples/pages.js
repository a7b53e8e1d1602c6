// Usage: node examples/pages.js ENDPOINT
//
// The variable CONFLUENCE_AUTH has the value of the `Authorization` header: `Basic ` and the base64 of
// `email:token`, or `Bearer ` and a token.

import { ConfluenceError, Connector } from 'confluence-connector';

const endpoint = process.argv[2] ?? 'https://example.atlassian.net';
const authorization = process.env['CONFLUENCE_AUTH'] ?? '';

const connector = await Connector.open({ endpoint, authorization });

for (const space of connector.listSpaces({ limit: 3 }).items) {
  console.log(space.key, space.name);
}

let pages = 0;
/** @type {string | undefined} */
let after;
do {
  const { items, rest } = connector.listPages({ limit: 100, after, options: { bodyFormat: 'text' } });
  pages += items.length;
  if (rest.stopped) {
    throw new ConfluenceError(rest.stopped);
  }
  after = rest.after;
} while (after);
console.log(pages, 'pages');

try {
  connector.getPageById({ id: '1' });
} catch (error) {
  if (error instanceof ConfluenceError) {
    console.log(error.kind, error.status, error.resolution);
  } else {
    throw error;
  }
}
