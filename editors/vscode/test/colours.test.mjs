// The TextMate grammar in the engine that the editor uses: scopes of a text, given as the words that carry them.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';

const require = createRequire(import.meta.url);
const textmate = require('vscode-textmate');
const oniguruma = require('vscode-oniguruma');
const here = dirname(fileURLToPath(import.meta.url));

await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')).buffer);
const registry = new textmate.Registry({
  onigLib: Promise.resolve({
    createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
    createOnigString: (text) => new oniguruma.OnigString(text),
  }),
  loadGrammar: async (scope) =>
    scope === 'source.flow'
      ? textmate.parseRawGrammar(readFileSync(join(here, '../flow.tmLanguage.json'), 'utf8'), 'flow.json')
      : null,
});
const grammar = await registry.loadGrammar('source.flow');

/** [token, scopes] of a text, without blanks. */
function tokens(text) {
  let stack = textmate.INITIAL;
  return text.split('\n').flatMap((line) => {
    const result = grammar.tokenizeLine(line, stack);
    stack = result.ruleStack;
    return result.tokens
      .map((token) => [line.slice(token.startIndex, token.endIndex).trim(), token.scopes.join(' ')])
      .filter(([token]) => token !== '');
  });
}

/** The scopes of the nth token with this text. */
function scopes(text, token, nth = 0) {
  const found = tokens(text).filter(([other]) => other === token);
  assert.ok(found[nth], `${token} is no token of ${JSON.stringify(tokens(text))}`);
  return found[nth][1];
}

function has(text, token, scope, nth = 0) {
  assert.match(scopes(text, token, nth), new RegExp(`(^| )${scope.replaceAll('.', '\\.')}`));
}

function hasNot(text, token, scope, nth = 0) {
  assert.doesNotMatch(scopes(text, token, nth), new RegExp(`(^| )${scope.replaceAll('.', '\\.')}`));
}

test('declarations name what they declare', () => {
  has('flow submit(a: int) -> Lead {', 'flow', 'keyword.declaration');
  has('flow submit(a: int) -> Lead {', 'submit', 'entity.name.function');
  has('flow submit(a: int) -> Lead {', 'int', 'support.type');
  has('flow submit(a: int) -> Lead {', 'Lead', 'entity.name.type');
  has('  step lead: Lead = crm.get("/x").json', 'lead', 'variable.other.definition');
  has('service crm from "crm.json"', 'from', 'keyword.declaration');
  has('import http', 'import', 'keyword.declaration');
  has('function f(x: any) -> any = native', 'native', 'keyword.other');
});

test('a keyword before a colon, behind a dot or before an equals sign is none', () => {
  hasNot('{ when: 1, type: 2 }', 'when', 'keyword');
  hasNot('{ when: 1, type: 2 }', 'type', 'keyword');
  has('{ when: 1 }', 'when', 'variable.other.property');
  hasNot('let a = event.type', 'type', 'keyword');
  hasNot('f(in=3)', 'in', 'keyword');
  has('  when not x', 'when', 'keyword.control.clause');
  has('  when not x', 'not', 'keyword.operator.wordlike');
});

test('parallel, race and sequence are words of the language before a brace only', () => {
  has('step a = parallel {', 'parallel', 'keyword.control');
  hasNot('step a = parallel + 1', 'parallel', 'keyword');
});

test('a template has holes, with texts and maps in them', () => {
  const text = `do f("a {{ m['k'] | join(", ") }} b {{ {a: {b: 1}} }} c", 2)`;
  has(text, 'a', 'string.quoted.double');
  has(text, 'm', 'meta.embedded.interpolation');
  has(text, 'k', 'string.quoted.single');
  has(text, 'join', 'support.function.filter');
  has(text, '1', 'meta.embedded.interpolation');
  has(text, 'c', 'string.quoted.double');
  hasNot(text, 'c', 'meta.embedded');
  hasNot(text, '2', 'string');
});

test('a plain text has none, and a sharp in it begins no comment', () => {
  hasNot("let a = '{{ x }} # y'", '{{ x }} # y', 'meta.embedded');
  hasNot("let a = '{{ x }} # y'", '{{ x }} # y', 'comment');
});

test('a text of several lines ends at its three quotes', () => {
  const text = 'let a = """\n  Dear {{ name }},\n  "yes" # no\n"""\nlet b = 1';
  has(text, 'Dear', 'string.quoted.triple');
  has(text, 'name', 'meta.embedded.interpolation');
  has(text, '"yes" # no', 'string.quoted.triple');
  hasNot(text, 'let', 'string', 1);
});

test('a text that is never closed ends with its line', () => {
  hasNot('let a = "abc\nlet b = 1', 'let', 'string', 1);
  hasNot('let a = "abc {{ x\nlet b = 1', 'let', 'string', 1);
});

test('comments, annotations, durations, constants', () => {
  has('## About.', '## About.', 'comment.line.documentation');
  has('let a = 1 # why', '# why', 'comment.line.number-sign');
  has('@retry(delay=1.5h)', 'retry', 'entity.name.function.decorator');
  has('@retry(delay=1.5h)', 'delay', 'variable.parameter');
  has('@retry(delay=1.5h)', '1.5h', 'constant.numeric.duration');
  has('let a = 12', '12', 'constant.numeric');
  has('let a = none', 'none', 'constant.language');
  has("let a = 'x\\n'", '\\n', 'constant.character.escape');
});

test('every example ends outside of texts, holes and braces, and holds nothing invalid', () => {
  const root = join(here, '../../..');
  const files = ['examples', 'stdlib', 'tests/corpus'].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true }).map((name) => join(root, folder, name)),
  );
  const flows = files.filter((name) => name.endsWith('.flow'));
  assert.ok(flows.length > 50);
  for (const name of flows) {
    const text = readFileSync(name, 'utf8');
    // The last token tells where the text ends: a rule that is still open would give it its scope.
    const found = tokens(`${text}\n?`);
    assert.equal(found.at(-1)[1], 'source.flow keyword.operator.flow', name);
    assert.ok(!found.some(([, scopes]) => scopes.includes('invalid')), name);
  }
});
