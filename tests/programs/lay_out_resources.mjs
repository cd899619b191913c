// Writes the files that a YoWASP package carries in its resources module (strings, bytes, or URLs of files beside it) as a
// folder, so that they can be given to the guest as a directory: lay_out_resources.mjs MODULE TARGET
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

function layOut(tree, folder) {
  fs.mkdirSync(folder, { recursive: true });
  for (const [name, content] of Object.entries(tree)) {
    const target = path.join(folder, name);
    if (content instanceof URL) fs.copyFileSync(fileURLToPath(content), target);
    else if (typeof content === 'string' || content instanceof Uint8Array) fs.writeFileSync(target, content);
    else layOut(content, target);
  }
}

const [module, target] = process.argv.slice(2);
const { filesystem } = await import(pathToFileURL(module));
layOut(filesystem, target);
