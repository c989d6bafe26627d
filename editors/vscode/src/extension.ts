// What the editor calls: the commands, and when the server starts.

import * as vscode from 'vscode';
import { type Graph, Previews } from './preview';
import { runInTerminal } from './running';
import { Server } from './server';

let server: Server | undefined;

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const previews = new Previews((uri, flow) => askForGraph(running, uri, flow));
  const running = new Server(() => previews.refresh());
  server = running;
  context.subscriptions.push(
    running,
    previews,
    vscode.commands.registerCommand('flowlang.restart', () => running.start()),
    vscode.commands.registerCommand('flowlang.showOutput', () => running.output.show()),
    vscode.commands.registerCommand('flowlang.showGraph', (uri?: unknown, flow?: unknown) => {
      const place = placed(uri);
      return place && previews.show(place.toString(), named(flow));
    }),
    vscode.commands.registerCommand('flowlang.run', (uri?: unknown, flow?: unknown) => {
      const place = placed(uri);
      const program = place && running.program();
      return program && runInTerminal(program, place, named(flow));
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration('flowlang.path')) void running.start();
    }),
    vscode.workspace.onDidGrantWorkspaceTrust(() => void running.start()),
  );
  await running.start();
}

export async function deactivate(): Promise<void> {
  await server?.stop();
}

function askForGraph(running: Server, uri: string, flow: string | undefined): Promise<Graph | null> {
  return running.request('flowlang/graph', { textDocument: { uri }, ...(flow === undefined ? {} : { flow }) });
}

/** A command comes from a code lens (a URI as text), a menu (a URI) or the palette (nothing). */
function placed(uri: unknown): vscode.Uri | undefined {
  if (typeof uri === 'string') return vscode.Uri.parse(uri, true);
  if (uri instanceof vscode.Uri) return uri;
  const document = vscode.window.activeTextEditor?.document;
  return document?.languageId === 'flow' ? document.uri : undefined;
}

/** A menu gives its own second argument, which is no name. */
function named(flow: unknown): string | undefined {
  return typeof flow === 'string' ? flow : undefined;
}
