// The language server's life: found, started, started again, and missed once.
//
// One server for all files. Where there is no program, colours and brackets still work, and one message says what to do;
// it comes back only when the user asks for a restart or the setting changes.

import * as vscode from 'vscode';
import { LanguageClient, type LanguageClientOptions, type ServerOptions, State } from 'vscode-languageclient/node';
import { findProgram, type Found } from './finding';

/** From a checkout: the name on the package index is another project's. */
const INSTALL = "pip install '/path/to/flowlang[lsp]'";

export class Server implements vscode.Disposable {
  readonly output = vscode.window.createOutputChannel('flowlang', { log: true });
  private client: LanguageClient | undefined;
  /** Starts and stops come one after another, whoever asks. */
  private turn: Promise<void> = Promise.resolve();

  constructor(private readonly started: () => void) {}

  start(): Promise<void> {
    return this.next(() => this.replace());
  }

  async stop(): Promise<void> {
    await this.next(() => this.end());
  }

  dispose(): void {
    this.output.dispose();
  }

  /** The program to run a flow with, told about where it is missing. */
  program(): string | undefined {
    const found = find();
    if (found.program === undefined) void tellMissing(found);
    return found.program;
  }

  async request<Answer>(method: string, params: unknown): Promise<Answer> {
    await this.turn;
    if (this.client?.state !== State.Running) throw new Error('The language server is not running.');
    return this.client.sendRequest<Answer>(method, params);
  }

  private next(act: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(act).catch((error: unknown) => this.output.error(String(error)));
    return this.turn;
  }

  private async end(): Promise<void> {
    const client = this.client;
    this.client = undefined;
    if (client?.needsStop()) await client.stop();
    await client?.dispose();
  }

  private async replace(): Promise<void> {
    await this.end();
    const found = find();
    if (found.program === undefined) {
      void tellMissing(found);
      return;
    }
    this.output.info(`${found.program} lsp (from ${found.from})`);
    const client = this.made(found.program);
    this.client = client;
    try {
      await client.start();
      this.started();
    } catch (error) {
      this.output.error(String(error));
      void tellBroken(found.program, this.output);
    }
  }

  private made(program: string): LanguageClient {
    const server: ServerOptions = { command: program, args: ['lsp'] };
    const options: LanguageClientOptions = {
      documentSelector: ['file', 'untitled'].map((scheme) => ({ scheme, language: 'flow' })),
      outputChannel: this.output,
      initializationFailedHandler: () => false,
    };
    return new LanguageClient('flowlang', 'flowlang', server, options);
  }
}

function find(): Found {
  const trusted = vscode.workspace.isTrusted;
  const folders = trusted ? (vscode.workspace.workspaceFolders ?? []) : [];
  return findProgram({
    setting: vscode.workspace.getConfiguration('flowlang').get('path', ''),
    folders: folders.filter((folder) => folder.uri.scheme === 'file').map((folder) => folder.uri.fsPath),
    path: process.env['PATH'] ?? '',
  });
}

async function tellMissing(found: Found & { program: undefined }): Promise<void> {
  const settings = 'Open Settings';
  const copy = 'Copy Install Command';
  const retry = 'Try Again';
  const said =
    found.missing === 'setting'
      ? `flowlang.path names "${found.asked}", which is no program.`
      : `flowlang was found neither in the workspace's .venv nor on PATH. Install it from its checkout: ${INSTALL}`;
  const actions = found.missing === 'setting' ? [settings, retry] : [copy, settings, retry];
  const chosen = await vscode.window.showWarningMessage(said, ...actions);
  if (chosen === settings) await vscode.commands.executeCommand('workbench.action.openSettings', 'flowlang.path');
  if (chosen === copy) await vscode.env.clipboard.writeText(INSTALL);
  if (chosen === retry) await vscode.commands.executeCommand('flowlang.restart');
}

async function tellBroken(program: string, output: vscode.LogOutputChannel): Promise<void> {
  const show = 'Show Output';
  const copy = 'Copy Install Command';
  const said = `"${program} lsp" did not start. The language server is an extra, installed from the checkout of flowlang: ${INSTALL}`;
  const chosen = await vscode.window.showErrorMessage(said, show, copy);
  if (chosen === show) output.show();
  if (chosen === copy) await vscode.env.clipboard.writeText(INSTALL);
}
