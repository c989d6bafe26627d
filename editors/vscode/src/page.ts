// The page of the graph preview: an SVG and a line of text. It runs no script and loads nothing.

/** The colours of Graphviz are black on white; the editor's theme replaces them. */
const STYLE = `
body { margin: 0; padding: 1rem; color: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
p { margin: 0 0 1rem; color: var(--vscode-descriptionForeground); }
p.stale { color: var(--vscode-editorWarning-foreground); }
.stale ~ svg { opacity: 0.5; }
svg { display: block; margin-top: 1rem; overflow: visible; }
#fit:checked ~ svg { max-width: 100%; height: auto; }
svg text { fill: var(--vscode-editor-foreground); font-family: var(--vscode-font-family); }
svg [stroke="black"] { stroke: var(--vscode-editor-foreground); }
svg [fill="black"] { fill: var(--vscode-editor-foreground); }
svg .cluster > [stroke="black"] { stroke: var(--vscode-descriptionForeground); stroke-opacity: 0.5; }
`;

/** Style alone makes it work, as no script runs. */
const FIT = '<input type="checkbox" id="fit" checked><label for="fit">Fit to width</label>\n';

/** What the preview shows: a graph, or the last one with the reason why there is no newer. */
export interface Shown {
  readonly title: string;
  readonly svg: string;
  readonly reason: string;
}

export function page(shown: Shown, nonce: string): string {
  const note = shown.reason ? `<p class="stale" role="status">${escaped(shown.reason)}</p>` : '';
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'nonce-${nonce}'">
<title>${escaped(shown.title)}</title>
<style nonce="${nonce}">${STYLE}</style>
</head>
<body>
${note}${shown.svg ? FIT : ''}${inline(shown.svg)}
</body>
</html>
`;
}

/** The `<svg>` element alone, without the declarations of a file and without what could be run or followed. */
function inline(svg: string): string {
  const start = svg.indexOf('<svg');
  const bare = start < 0 ? '' : svg.slice(start);
  return bare
    .replace(/<script[\s\S]*?<\/script\s*>/gi, '')
    .replace(/<\/?a\b[^>]*>/gi, '')
    .replace(/\son\w+\s*=\s*("[^"]*"|'[^']*')/gi, '');
}

export function escaped(text: string): string {
  const names: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (sign) => names[sign] ?? sign);
}
