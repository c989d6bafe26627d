// The graph of a flow beside its text, drawn again as the text changes.
//
// One panel per file. Where the text has errors the last graph stays, greyed, with the reason above it.

import { randomBytes } from 'node:crypto';
import * as vscode from 'vscode';
import { page, type Shown } from './page';

/** What the language server answers to `flowlang/graph`. */
export interface Graph {
  readonly mermaid: string;
  readonly dot: string;
}

export type AskForGraph = (uri: string, flow: string | undefined) => Promise<Graph | null>;

const PAUSE = 300;

export class Previews implements vscode.Disposable {
  private readonly open = new Map<string, Preview>();
  private readonly changes: vscode.Disposable;

  constructor(private readonly ask: AskForGraph) {
    this.changes = vscode.workspace.onDidChangeTextDocument((event) =>
      this.open.get(event.document.uri.toString())?.refreshSoon(),
    );
  }

  async show(uri: string, flow: string | undefined): Promise<void> {
    let preview = this.open.get(uri);
    if (preview) {
      preview.reveal(flow);
    } else {
      preview = new Preview(uri, flow, this.ask, () => this.open.delete(uri));
      this.open.set(uri, preview);
    }
    await preview.refresh();
  }

  /** Draw all again: the language server is a new one. */
  refresh(): void {
    for (const preview of this.open.values()) void preview.refresh();
  }

  dispose(): void {
    this.changes.dispose();
    for (const preview of [...this.open.values()]) preview.close();
  }
}

class Preview {
  private readonly panel: vscode.WebviewPanel;
  private timer: NodeJS.Timeout | undefined;
  private svg = '';
  private round = 0;
  private closed = false;

  constructor(
    private readonly uri: string,
    private flow: string | undefined,
    private readonly ask: AskForGraph,
    gone: () => void,
  ) {
    const column = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true };
    this.panel = vscode.window.createWebviewPanel('flowlang.graph', this.title(), column, {
      enableScripts: false,
      enableCommandUris: false,
      localResourceRoots: [],
    });
    this.panel.onDidDispose(() => {
      this.closed = true;
      clearTimeout(this.timer);
      gone();
    });
  }

  reveal(flow: string | undefined): void {
    if (flow !== this.flow) this.svg = '';
    this.flow = flow;
    this.panel.title = this.title();
    this.panel.reveal(undefined, true);
  }

  close(): void {
    this.panel.dispose();
  }

  refreshSoon(): void {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.refresh(), PAUSE);
  }

  async refresh(): Promise<void> {
    const round = ++this.round;
    const shown = await this.drawn();
    // A later answer is on its way, or nobody looks any more.
    if (round !== this.round || this.closed) return;
    this.svg = shown.svg;
    this.panel.webview.html = page(shown, randomBytes(16).toString('base64'));
  }

  private async drawn(): Promise<Shown> {
    const title = this.title();
    try {
      const graph = await this.ask(this.uri, this.flow);
      if (!graph?.dot) return { title, svg: this.svg, reason: 'No graph: the file has errors or no flow.' };
      const { draw } = await import('./drawing.js');
      return { title, svg: await draw(graph.dot), reason: '' };
    } catch (error) {
      return { title, svg: this.svg, reason: error instanceof Error ? error.message : String(error) };
    }
  }

  private title(): string {
    const name = vscode.Uri.parse(this.uri).path.split('/').pop() ?? 'flow';
    return `Graph of ${this.flow ?? name}`;
  }
}
