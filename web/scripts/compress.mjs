// Beside each built file its compressed form, which the server sends to browsers that take it.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { brotliCompressSync, gzipSync } from "node:zlib";

const built = new URL("../../server/console/", import.meta.url);
for (const folder of ["", "assets/"]) {
  for (const name of readdirSync(new URL(folder, built))) {
    if (!/\.(js|css|html|svg)$/.test(name)) continue;
    const file = new URL(folder + name, built);
    const content = readFileSync(file);
    writeFileSync(new URL(`${file.href}.gz`), gzipSync(content, { level: 9 }));
    writeFileSync(new URL(`${file.href}.br`), brotliCompressSync(content));
  }
}
