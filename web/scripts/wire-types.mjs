// Makes src/realtime/wire.ts from the server's contracts: node scripts/wire-types.mjs openapi.json asyncapi.json wire.ts
import { readFileSync, writeFileSync } from "node:fs";
import { compile } from "json-schema-to-typescript";

// Over HTTP the path names some of a payload's fields: the sockets' models come second and stay.
const [openapi, asyncapi, out] = process.argv.slice(2);
const schemas = Object.assign(
  {},
  ...[openapi, asyncapi].map((file) => JSON.parse(readFileSync(file, "utf8")).components.schemas),
);
const definitions = JSON.parse(JSON.stringify(schemas).replaceAll("#/components/schemas/", "#/definitions/"));
for (const schema of Object.values(definitions)) delete schema.title;
const made = await compile(
  { definitions, title: "Wire", type: "object", properties: {}, additionalProperties: false },
  "Wire",
  {
    bannerComment: "// Made by `make wire` from the server's models: not edited by hand.",
    unreachableDefinitions: true,
    additionalProperties: false,
    ignoreMinAndMaxItems: true,
    style: { printWidth: 120, singleQuote: false },
  },
);
writeFileSync(
  out,
  made
    .replace("export interface Wire {}\n", "")
    .replaceAll(/\/\*\*\n \* This interface was referenced by[\s\S]*?\*\/\n/g, "")
    .replaceAll(/ \* This interface was referenced by[\s\S]*?(?= \*\/)/g, ""),
);
