// node ajv.cjs NODE_MODULES FILE...: says of each file where it breaks the schema of JSON Feed 1.1, and nothing when it does not.
const { createRequire } = require("node:module");
const { readFileSync } = require("node:fs");

const [modules, ...paths] = process.argv.slice(2);
const load = createRequire(`${modules}/`);
const Ajv = load("ajv");
// The schema has "format" beside types that ajv's strict mode wants spelt out; its checks are the same.
const ajv = new Ajv({ strict: false, allErrors: true });
load("ajv-formats")(ajv);
const validate = ajv.compile(load("jsonfeed-schema"));
if (paths.length === 0) throw new Error("no files");
for (const path of paths) {
  if (!validate(JSON.parse(readFileSync(path, "utf8")))) {
    for (const error of validate.errors) console.log(`${path}: ${error.instancePath} ${error.message}`);
  }
}
