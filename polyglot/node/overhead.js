// Measures calls through Node: `node overhead.js ENDPOINT`. Prints a line of JSON.

import { Connector } from './index.js';

/** Calls that are measured, after a tenth as many that are not. */
const CALLS = 100;

function microseconds(call) {
  const times = [];
  for (let number = 0; number < CALLS + CALLS / 10; number += 1) {
    const began = process.hrtime.bigint();
    call();
    if (number >= CALLS / 10) times.push(Number(process.hrtime.bigint() - began));
  }
  times.sort((one, other) => one - other);
  return Math.round(times[CALLS / 2] / 1000);
}

const connector = await Connector.open({
  endpoint: process.argv[2],
  authorization: 'Basic bWVAZXhhbXBsZS5jb206ZGVtby10b2tlbg==',
});
const times = {
  listSpaces: microseconds(() => connector.listSpaces()),
  listPages250: microseconds(() => connector.listPages({ limit: 250 })),
};
console.log(JSON.stringify({ host: 'JavaScript (`jco`, Node)', microseconds: times }));
