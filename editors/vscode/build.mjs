// Bundles the extension and what it depends on into dist/. Graphviz is a file of its own: it is read when a graph is drawn.
import { build } from 'esbuild';
import { copyFileSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';

const common = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  format: 'cjs',
  // A file of the extension is required, not imported: not every host of extensions can import.
  supported: { 'dynamic-import': false },
  minify: true,
  legalComments: 'none',
  logLevel: 'warning',
  metafile: true,
};

/** The licences of the packages that the bundles hold. */
function notices(results) {
  const inputs = results.flatMap((result) => Object.keys(result.metafile.inputs));
  const folders = inputs.map((input) => /^(?:.*\/)?node_modules\/(?:@[^/]+\/)?[^/]+/.exec(input)?.[0]);
  return [...new Set(folders.filter((folder) => folder !== undefined))].sort().map(notice).join('\n');
}

function notice(folder) {
  const { name, version, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  return `${name} ${version} (${license})\n${file ? `\n${readFileSync(`${folder}/${file}`, 'utf8').trim()}\n` : ''}`;
}

const results = [
  await build({
    ...common,
    entryPoints: ['src/extension.ts'],
    outfile: 'dist/extension.js',
    external: ['vscode', '*/drawing.js'],
  }),
  await build({ ...common, entryPoints: ['src/drawing.ts'], outfile: 'dist/drawing.js' }),
];
writeFileSync('dist/NOTICES.txt', notices(results));
copyFileSync('../../LICENSE', 'LICENSE');
// Parts that need no editor, for the tests.
await build({
  ...common,
  entryPoints: ['src/finding.ts', 'src/page.ts', 'src/shell.ts'],
  outdir: 'dist/parts',
  minify: false,
});
