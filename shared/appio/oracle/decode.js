// One message of JSON on each line in; on each line out what IO's own codec makes of it, or null.
const path = require("path");
const { createRequire } = require("module");
const here = createRequire(path.join(process.argv[2], "package.json"));
const { NewMessage } = here("@pagopa/io-functions-commons/dist/generated/definitions/v2/NewMessage");

const lines = require("readline").createInterface({ input: process.stdin });
lines.on("line", line => {
  const decoded = NewMessage.decode(JSON.parse(line));
  process.stdout.write(JSON.stringify(decoded._tag === "Right" ? decoded.right : null) + "\n");
});
