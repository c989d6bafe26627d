// Running a flow in a terminal, where what it prints can be seen and it can be interrupted.

import * as vscode from 'vscode';
import { commandLine } from './shell';

/** The options asked for last, by file and flow; the next question begins with them. */
const asked = new Map<string, string>();

export async function runInTerminal(program: string, edited: vscode.Uri, flow: string | undefined): Promise<void> {
  const uri = await saved(edited);
  if (uri === undefined) return;
  const options = await askForOptions(`${uri.toString()} ${flow ?? ''}`, flow);
  if (options === undefined) return;
  const folder = vscode.workspace.getWorkspaceFolder(uri);
  const file = folder ? vscode.workspace.asRelativePath(uri, false) : uri.fsPath;
  const terminal = terminalIn(folder);
  terminal.show();
  const command = commandLine([program, 'run', file, ...(flow ? ['--flow', flow] : [])]);
  terminal.sendText(options ? `${command} ${options}` : command);
}

/** The file that holds what is edited; a text without a name gets one. Undefined where it was not saved. */
async function saved(edited: vscode.Uri): Promise<vscode.Uri | undefined> {
  const document = vscode.workspace.textDocuments.find((open) => open.uri.toString() === edited.toString());
  return document?.isDirty || document?.isUntitled ? vscode.workspace.save(edited) : edited;
}

async function askForOptions(key: string, flow: string | undefined): Promise<string | undefined> {
  const options = await vscode.window.showInputBox({
    title: flow ? `Run ${flow}` : 'Run',
    prompt: 'Options of `flowlang run`, as for a shell; empty for none',
    placeHolder: '--input lead_id=l5 --config crm=http://127.0.0.1:8099/crm',
    value: asked.get(key) ?? '',
    ignoreFocusOut: true,
  });
  if (options !== undefined) asked.set(key, options.trim());
  return options?.trim();
}

function terminalIn(folder: vscode.WorkspaceFolder | undefined): vscode.Terminal {
  const name = folder ? `flowlang: ${folder.name}` : 'flowlang';
  const open = vscode.window.terminals.find((other) => other.name === name && other.exitStatus === undefined);
  return open ?? vscode.window.createTerminal(folder ? { name, cwd: folder.uri } : { name });
}
