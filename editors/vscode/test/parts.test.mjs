// What the extension decides without the editor.
import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { homedir, tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { after, test } from 'node:test';

const require = createRequire(import.meta.url);
const { findProgram } = require('../dist/parts/finding.js');
const { page } = require('../dist/parts/page.js');
const { commandLine } = require('../dist/parts/shell.js');
const { draw } = require('../dist/drawing.js');

const root = mkdtempSync(join(tmpdir(), 'flowlang-'));
after(() => rmSync(root, { recursive: true }));

function program(...parts) {
  const path = join(root, ...parts);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, '#!/bin/sh\n');
  chmodSync(path, 0o755);
  return path;
}

const work = join(root, 'work');
const set = program('set', 'flowlang');
const environment = program('work', '.venv', 'bin', 'flowlang');
const onPath = program('path', 'flowlang');
const around = { setting: '', folders: [work], path: dirname(onPath) };

test('the setting comes before the virtual environment, and that before PATH', () => {
  assert.deepEqual(findProgram({ ...around, setting: set }), { program: set, from: 'setting' });
  assert.deepEqual(findProgram(around), { program: environment, from: 'environment' });
  assert.deepEqual(findProgram({ ...around, folders: [] }), { program: onPath, from: 'path' });
});

test('a setting may name a program on PATH, a place in the workspace or at home', () => {
  assert.equal(findProgram({ ...around, setting: 'flowlang' }).program, onPath);
  assert.equal(findProgram({ ...around, setting: '${workspaceFolder}/.venv/bin/flowlang' }).program, environment);
  assert.equal(findProgram({ ...around, setting: './.venv/bin/flowlang' }).program, environment);
  const home = `~/${relative(homedir(), set)}`;
  assert.equal(findProgram({ ...around, setting: home }).program, set);
});

test('a setting that names nothing is said so, and nothing else is taken instead', () => {
  const asked = join(root, 'gone');
  assert.deepEqual(findProgram({ ...around, setting: asked }), { program: undefined, missing: 'setting', asked });
});

test('a folder, a file that cannot be run and a relative entry of PATH are no programs', () => {
  mkdirSync(join(root, 'folder', 'flowlang'), { recursive: true });
  writeFileSync(join(root, 'plain'), '');
  const nowhere = { setting: '', folders: [], path: `${join(root, 'folder')}:.:${relative('.', dirname(onPath))}` };
  assert.equal(findProgram(nowhere).missing, 'everywhere');
  assert.equal(findProgram({ ...nowhere, setting: join(root, 'plain') }).missing, 'setting');
});

test('a shell gets back the parts that it was given', () => {
  assert.equal(commandLine(['/a/flowlang', 'run', 'x.flow']), '/a/flowlang run x.flow');
  assert.equal(commandLine(["it's $(x).flow"]), "'it'\\''s $(x).flow'");
});

test('a graph becomes a page that runs and loads nothing', async () => {
  const svg = await draw('digraph { a [label="<script>&", URL="javascript:alert(1)"]; a -> b }');
  const html = page({ title: 'a "b"', svg, reason: '<i>' }, 'abc');
  assert.match(html, /default-src 'none'; style-src 'nonce-abc'/);
  assert.doesNotMatch(html, /<script|<a |javascript:|<i>|unsafe-inline/i);
  assert.match(html, /<svg[\s\S]*&lt;script&gt;&amp;[\s\S]*<\/svg>/);
});

test('what is no graph is refused with a reason', async () => {
  await assert.rejects(draw('digraph {'), /syntax/i);
});
