// node build.mjs FOLDER: bundles src/ into FOLDER, each file named after its content, and gathers the licences.
// A hash in the name makes a new address whenever the content changes, so that browsers may keep files for ever.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { basename, extname, join } from "node:path";
import { build } from "esbuild";

const ENTRIES = ["src/rich_text.js", "src/rich_text.css", "src/f2_saves.js", "src/f2_saves.css"];
const LICENCE_FILES = ["LICENSE", "LICENSE.md", "LICENSE.txt", "THIRD_PARTY_LICENSES.md"];

const folder = process.argv[2];
const result = await build({
  entryPoints: ENTRIES,
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  legalComments: "none", // they stand in THIRD-PARTY.txt
  metafile: true,
  write: false,
  outdir: ".",
});

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) rmSync(join(folder, name));
for (const { path, contents } of result.outputFiles) {
  const extension = extname(path);
  const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8);
  writeFileSync(join(folder, `${basename(path, extension)}-${hash}${extension}`), contents);
}
writeFileSync(join(folder, "THIRD-PARTY.txt"), notices(Object.keys(result.metafile.inputs)));

// The licence of every package of which some code is in the bundle.
function notices(inputs) {
  const packages = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map((name) => {
    const home = join("node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    const files = LICENCE_FILES.map((file) => join(home, file)).filter(existsSync);
    return [`${name} ${version} (${license})`, ...files.map((file) => readFileSync(file, "utf8").trim())].join("\n\n");
  });
  return `rich_text-*.js holds code of these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
