// node build.mjs FOLDER: bundles src/ into FOLDER, the file named after its content, and gathers the licences.
// A hash in the name makes a new address whenever the content changes, so that browsers may keep files for ever.
import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";

const LICENCE_FILES = ["LICENSE", "LICENSE.md", "LICENSE.txt"];

// `import css from "./planning.css"` gives the bundled text: the script adopts it, see src/planning.js.
const stylesAsText = {
  name: "styles-as-text",
  setup({ onLoad }) {
    onLoad({ filter: /\.css$/ }, async ({ path }) => {
      const { outputFiles } = await build({ entryPoints: [path], bundle: true, minify: true, write: false });
      return { contents: outputFiles[0].text, loader: "text" };
    });
  },
};

const folder = process.argv[2];
const { outputFiles, metafile } = await build({
  entryPoints: ["src/planning.js"],
  bundle: true,
  minify: true,
  format: "esm",
  target: "es2022",
  charset: "utf8",
  conditions: ["browser"], // of svelte, on which the calendar runs: not its part for servers
  define: { "process.env.NODE_ENV": '"production"' },
  legalComments: "none", // they stand in THIRD-PARTY.txt
  plugins: [stylesAsText],
  metafile: true,
  write: false,
  outdir: ".",
});

mkdirSync(folder, { recursive: true });
for (const name of readdirSync(folder)) rmSync(join(folder, name));
const [{ contents }] = outputFiles;
const hash = createHash("sha256").update(contents).digest("hex").slice(0, 8);
writeFileSync(join(folder, `planning-${hash}.js`), contents);
writeFileSync(join(folder, "THIRD-PARTY.txt"), notices(Object.keys(metafile.inputs)));

// The licence of every package of which some code is in the bundle.
function notices(inputs) {
  const packages = new Set(inputs.map((input) => /node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(input)?.[1]).filter(Boolean));
  const texts = [...packages].sort().map((name) => {
    const home = join("node_modules", name);
    const { version, license } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
    const kept = join("licences", `${name.replace("/", "+")}.txt`); // from its repository: the package comes without
    const files = [...LICENCE_FILES.map((file) => join(home, file)), kept].filter(existsSync);
    return [`${name} ${version} (${license})`, ...files.map((file) => readFileSync(file, "utf8").trim())].join("\n\n");
  });
  return `planning-*.js holds code of these packages.\n\n${texts.join(`\n\n${"-".repeat(80)}\n\n`)}\n`;
}
