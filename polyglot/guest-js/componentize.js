// Makes a component of `recent-pages.js`. Usage: node componentize.js WIT-FOLDER OUTPUT

import { readFile, writeFile } from "node:fs/promises";
import { componentize } from "@bytecodealliance/componentize-js";

const [wit, output] = process.argv.slice(2);
const { component } = await componentize(await readFile("recent-pages.js", "utf8"), {
  witPath: wit,
  worldName: "app",
  // What is not imported cannot be abused, and `host-runner` gives none of it.
  disableFeatures: ["clocks", "fetch-event", "http", "random", "stdio"],
});
await writeFile(output, component);
