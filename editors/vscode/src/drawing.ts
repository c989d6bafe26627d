// DOT to SVG, by Graphviz compiled to WebAssembly, in this process: nothing is fetched and no program is started.

import { instance, type Viz } from '@viz-js/viz';

let graphviz: Promise<Viz> | undefined;

/** Raises an Error that says why where the text is no graph. */
export async function draw(dot: string): Promise<string> {
  graphviz ??= instance();
  return (await graphviz).renderString(dot, { format: 'svg', graphAttributes: { bgcolor: 'transparent' } });
}
