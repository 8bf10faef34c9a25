// Bundles the browser's part into ../static/dist with hashed names and a manifest.
// Usage: node build.mjs [--sourcemap]
import * as esbuild from 'esbuild';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const here = path.dirname(fileURLToPath(import.meta.url));
const out = path.join(here, '..', 'static', 'dist');
const started = Date.now();

fs.rmSync(out, { recursive: true, force: true });
const result = await esbuild.build({
  absWorkingDir: here,
  entryPoints: ['src/site.js', 'src/diagram.js'],
  bundle: true,
  splitting: true,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: out,
  entryNames: '[name]-[hash]',
  chunkNames: 'chunk-[hash]',
  assetNames: 'asset-[name]-[hash]',
  loader: { '.svg': 'file', '.woff2': 'file', '.woff': 'file' },
  legalComments: 'linked',
  sourcemap: process.argv.includes('--sourcemap'),
  define: { 'process.env.NODE_ENV': '"production"' },
  metafile: true,
  logLevel: 'warning',
});

// manifest: the name a template uses -> the hashed file ("site.css" -> "site-4F2K….css")
const manifest = {};
for (const [file, output] of Object.entries(result.metafile.outputs)) {
  if (!output.entryPoint) continue;
  const entry = path.basename(output.entryPoint, '.js');
  manifest[`${entry}.js`] = path.basename(file);
  if (output.cssBundle) manifest[`${entry}.css`] = path.basename(output.cssBundle);
}
fs.writeFileSync(path.join(out, 'manifest.json'), JSON.stringify(manifest, null, 2) + '\n');
console.log(`web/static/dist built in ${Date.now() - started} ms`);
