// Reads an AsyncAPI document (JSON) from stdin; prints what the parser says of it and exits 1 when there is an error in it.
import { text } from "node:stream/consumers";

import { DiagnosticSeverity, Parser } from "@asyncapi/parser";

const { document, diagnostics } = await new Parser().parse(await text(process.stdin));
const errors = diagnostics.filter(({ severity }) => severity === DiagnosticSeverity.Error);

for (const { code, path, message } of errors) {
  console.log(`${path.join(".") || "(document)"}: ${message} [${code}]`);
}
process.exitCode = document === undefined || errors.length > 0 ? 1 : 0;
