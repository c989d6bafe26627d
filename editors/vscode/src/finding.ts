// Where the `flowlang` program is: the setting, else the workspace's virtual environment, else PATH.
//
// Nothing here knows the editor, so that it can be tested without one. The order is a promise of the documentation.

import { accessSync, constants, statSync } from 'node:fs';
import { homedir } from 'node:os';
import { delimiter, isAbsolute, join, resolve } from 'node:path';

/** What decides where the program is. */
export interface Surroundings {
  /** The setting `flowlang.path`, as it is written; empty where it is not set. */
  readonly setting: string;
  /** The folders of the workspace, the first one first; empty where they are not trusted. */
  readonly folders: readonly string[];
  readonly path: string;
}

/** A program that was found, or why none was: `setting` where the setting names nothing that can be run. */
export type Found =
  | { readonly program: string; readonly from: 'setting' | 'environment' | 'path' }
  | { readonly program: undefined; readonly missing: 'setting' | 'everywhere'; readonly asked: string };

export function findProgram(around: Surroundings): Found {
  const setting = around.setting.trim();
  if (setting !== '') {
    const asked = expand(setting, around.folders[0]);
    const program = isName(asked) ? onPath(asked, around) : runnable(resolve(around.folders[0] ?? '.', asked));
    return program ? { program, from: 'setting' } : { program: undefined, missing: 'setting', asked };
  }
  for (const folder of around.folders) {
    const program = runnable(join(folder, '.venv', 'bin', 'flowlang'));
    if (program) return { program, from: 'environment' };
  }
  const program = onPath('flowlang', around);
  return program ? { program, from: 'path' } : { program: undefined, missing: 'everywhere', asked: 'flowlang' };
}

function expand(setting: string, folder: string | undefined): string {
  const home = setting.replace(/^~(?=$|[\\/])/, () => homedir());
  return home.replace(/\$\{workspaceFolder\}/g, () => folder ?? '.');
}

function isName(program: string): boolean {
  return !/[\\/]/.test(program);
}

function onPath(name: string, around: Surroundings): string | undefined {
  // A relative entry of PATH would mean a program of whatever folder is open.
  const folders = around.path.split(delimiter).filter((folder) => isAbsolute(folder));
  return folders.map((folder) => runnable(join(folder, name))).find((program) => program !== undefined);
}

function runnable(program: string): string | undefined {
  try {
    accessSync(program, constants.X_OK);
    return statSync(program).isFile() ? program : undefined;
  } catch {
    return undefined;
  }
}
