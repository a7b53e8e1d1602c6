// Makes JavaScript of the component: `node transpile.js confluence.wasm`, into the folder `component`.

import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

import { transpileBytes } from '@bytecodealliance/jco-transpile';

const FOLDER = 'component';

/** What decodes strings in what jco-transpile 0.15 makes. It takes U+FEFF off a text that begins with it. */
const DECODER = 'new TextDecoder()';
const WHOLE_TEXT_DECODER = "new TextDecoder('utf-8', { ignoreBOM: true })";

const { files } = await transpileBytes(await readFile(process.argv[2]), {
  name: 'confluence',
  outDir: FOLDER,
  // What the component answers as an error is thrown in a wrapper, and so is told from a trap.
  noComponentErrorWrapping: false,
  map: {
    'confluence:connector/settings': '../imports.js#settings',
    'wasi:http/*': '../imports.js#*',
    'wasi:io/*': '@bytecodealliance/preview2-shim/io#*',
  },
});
for (const [path, bytes] of Object.entries(files)) {
  await mkdir(dirname(path), { recursive: true });
  await writeFile(path, path.endsWith('.js') ? withWholeTexts(bytes) : bytes);
}

function withWholeTexts(bytes) {
  const text = new TextDecoder().decode(bytes);
  if (text.split(DECODER).length !== 2) {
    throw new Error(`\`${DECODER}\` does not stand once in what jco makes: look whether it keeps U+FEFF`);
  }
  return text.replace(DECODER, WHOLE_TEXT_DECODER);
}
