"""What each mistake is called and where: one finding a mistake, in the words of whoever wrote the file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from flowlang.compiler.pipeline import standard_library
from flowlang.source import Source
from flowlang.syntax import foreign_words, import_hints
from flowlang.syntax.parser import parse

# (text, rule, message, the text that is underlined, a part of the help). `…` in a text: a flow around one statement.
MISTAKES = [
    ("let a =\nlet b = 2", "syntax-error", "expected an expression after `=`", "=", ""),
    ("let = 2", "syntax-error", "expected a name after `let`", "=", ""),
    ("let a: = 2", "syntax-error", "expected a type after `:`", "=", ""),
    ("let a = not", "syntax-error", "expected an expression after `not`", "not", ""),
    ("let a = x +", "syntax-error", "expected an expression after `+`", "+", ""),
    ("let a = x.", "syntax-error", "expected a name after `.`", ".", ""),
    ("let a = x y", "syntax-error", "expected a new line or an operator after `x`", "y", ""),
    ("let a = f(x y)", "syntax-error", "expected `)`, `,` or an operator after `x`", "y", ""),
    ("let a = [1 2]", "syntax-error", "expected `]`, `,` or an operator after `1`", "2", ""),
    ("let a = { b: 1 c: 2 }", "syntax-error", "expected `}`, `,` or an operator after `1`", "c", ""),
    ("let a = { 1: 2 }", "syntax-error", "expected a key after `{`", "1", ""),
    ("let a = 'x' if c", "missing-else", "`if` in an expression needs an `else`", "'x' if c", "else none"),
    ("let a = ['x' if c]", "missing-else", "`if` in an expression needs an `else`", "'x' if c", "else none"),
    ("let a = 'x' if c = 1 else 'y'", "syntax-error", "`=` does not compare", "=", "`==`"),
    ("let a = ['x' if c = 1, 2]", "syntax-error", "`=` does not compare", "=", "`==`"),
    ("let a = 'x' if c ?? d == 1 else 'y'", "syntax-error", "`??` is not an operator", "??", "default"),
    ("let a = \"{{ 'x' if c = 1 else 'y' }}\"", "syntax-error", "`=` does not compare", "=", "`==`"),
    ("let a = \"{{ 'x' if c }}\"", "missing-else", "needs an `else`", "'x' if c", "`else ''`"),
    ("let a = \"{{ f('x' if c) }}\"", "missing-else", "needs an `else`", "'x' if c", "`else none`"),
    ("…let a = if c { yield 1 }", "syntax-error", "a block is no value", "if", "`step a = if …`"),
    ("…let a = if c { # why?\n    yield 1\n  }", "syntax-error", "a block is no value", "if", "`step a = if …`"),
    ("…let a = if c then 1 else 2  # {", "syntax-error", "reserved word", "if", "`a if condition else b`"),
    ("…let a: int = for x in xs {\n    yield x\n  }", "syntax-error", "a block is no value", "for", "`step a = for …`"),
    ("…let a = parallel { step b = 1 }", "syntax-error", "a block is no value", "parallel", "`step a = parallel …`"),
    ("…let a = repeat x = 1 { yield 1 }", "syntax-error", "a block is no value", "repeat", "`step a = repeat …`"),
    ("…return match c { else { yield 1 } }", "syntax-error", "a block is no value", "match", "`step name = match …`"),
    ("…let a = if c then 1 else 2", "syntax-error", "`if` is a reserved word", "if", "`a if condition else b`"),
    ("…let a = f(if c { 1 } else { 2 })", "syntax-error", "expected `=` after `if`", "c", "`a if condition else b`"),
    ("let a = [for x in xs: x]", "syntax-error", "`for` is a reserved word", "for", "`[e for x in xs]`"),
    ("…step a = g()\n    retry: 3", "syntax-error", "expected a statement", "retry", "`@retry(attempts=3)`"),
    ("…step a = g()\n    timeout: 10s", "syntax-error", "expected a statement", "timeout", "`@timeout(10s)`"),
    ("…step a = g()\n    depends_on: b", "syntax-error", "expected a statement", "depends_on", "`after name`"),
    ("…step a = g()\n    continue-on-error: true", "syntax-error", "expected a statement", "continue", "`catch {"),
    ("…step a = g()\n    if: c", "syntax-error", "expected an expression after `if`", ":", "when condition"),
    ("…steps:\n    - name: a", "syntax-error", "expected a statement", "steps", "`step name = …`"),
    ("…env: {\n    A: 1\n  }", "syntax-error", "expected a statement", "env", "`config {"),
    ("…other: 1", "syntax-error", "expected a statement", "other", "`let name = …`"),
    ('…"""Say it."""', "syntax-error", "expected a statement", '"""Say it."""', "behind `##`"),
    ("…step a = g() depends_on b", "syntax-error", "expected a new line", "depends_on", "`after name`"),
    ("…step a {\n    b\n  }", "syntax-error", "expected `:` or `=` after `a`", "{", "`step a = …`"),
    ("…on push { a: 1 }", "syntax-error", "expected a statement", "{", "`on push(…)`"),
    ("…step a = g() {\n    b: 1\n  }", "syntax-error", "expected a statement", "{", "clauses below it"),
    ("…step a:\n    g('{{ x }}')", "syntax-error", "expected `=` after `)`", ")", "a type; what a step does"),
    ("…let { a, b } = c", "syntax-error", "expected a name after `let`", "{", "`let a = xs[0]`"),
    ("…let [a, b] = c", "syntax-error", "expected a name after `let`", "[", "`let a = xs[0]`"),
    ("…a, b = c", "syntax-error", "expected a statement", "a", "`let a = xs[0]`"),
    ("…let a = now() - 3 days", "syntax-error", "expected a new line", "days", "`3d`"),
    ("jobs:\n  build: 1", "syntax-error", "expected an item", "jobs", "`flow name("),
    ("config:\n  a: url", "syntax-error", "expected an item", "config", "`config {"),
    ('variable "region" {\n  a = 1\n}', "syntax-error", "expected an item", "variable", "`config {"),
    ("locals {\n  a = 1\n}", "syntax-error", "expected an item", "locals", "`let name = …`"),
    ('service "crm" {\n  base_url = a\n}', "syntax-error", "expected a name", '"crm"', "without quotes"),
    ("config {\n  a = 'eu'\n}", "syntax-error", "expected `:` after `a`", "=", "`a: string = …`"),
    ("config {\n  a = 3.5\n}", "syntax-error", "expected `:` after `a`", "=", "`a: float = …`"),
    ("config {\n  a = 5m\n}", "syntax-error", "expected `:` after `a`", "=", "`a: duration = …`"),
    ("config {\n  a = secret\n}", "syntax-error", "expected `:` after `a`", "=", "`key: value`"),
    ("config {\n  a = https://x.y/z\n}", "syntax-error", "expected `:` after `a`", "=", "`a: url = …`"),
    ("config {\n  a = b()\n}", "syntax-error", "expected `:` after `a`", "=", "`a: type = …`"),
    ("config {\n  a: https://x.y/z\n}", "syntax-error", "after `https`", "https://x.y/z", "in quotes"),
    ("…step a = http.get(https://x.y/z)", "syntax-error", "after `https`", "https://x.y/z", "in quotes"),
    ('import a from "./lib/a.flow"', "syntax-error", "expected `as`", "from", '`import "lib/a.flow" as a`'),
    ("from http import get, post", "syntax-error", "there is no `from`", "from", "`http.get(…)`"),
    ("…step a = g(x) if c", "missing-else", "needs an `else`", "g(x) if c", "`… when condition`"),
    ("…step r = match x {\n    'a' => 'one'\n  }", "syntax-error", "expected `else`, `case`", "'a'", "`case 'a', 'b'"),
    ("…let a = xs.map(x -> x)", "syntax-error", "expected `)`", "->", "list comprehension"),
    ("…return f'n {x}'", "syntax-error", "no letter stands before a text", "f", "a template already"),
    ('…return r"\\d+\\."', "syntax-error", "no letter stands before a text", "r", "written twice: `'\\\\d+'`"),
    ("…return 'a' | matches(r'\\d')", "syntax-error", "no letter stands before a text", "r", "written twice"),
    ("let match = 1", "syntax-error", "expected a name after `let`; `match` is a reserved word", "match", ""),
    ("foo", "syntax-error", "expected an item such as `flow` or `type`", "foo", ""),
    ("…bar", "syntax-error", "expected a statement", "bar", ""),
    ("…http.get('x')", "syntax-error", "expected a statement", "http", "write `step name = …` or `do …`"),
    ("…string a = b", "syntax-error", "a statement begins with its word", "string", "`let a: string = …`"),
    ("…wait 5s", "syntax-error", "expected a statement", "wait", "`do wait(5s)`"),
    ("…x = 3", "syntax-error", "a statement begins with its word", "x", "`let name = …`"),
    ("…step x http.get('u')", "syntax-error", "expected `:` or `=` after `x`", "http", ""),
    ("…step 'x' = 1", "syntax-error", "expected a name after `step`", "'x'", ""),
    ("…step x == 1", "syntax-error", "`==` compares; a value is given with `=`", "==", ""),
    ("…for x inn xs { }", "syntax-error", "expected `,` or `in` after `x`", "inn", ""),
    ("…return", "syntax-error", "expected an expression after `return`", "}", ""),
    ("…if a { } elif b { }", "syntax-error", "there is no `elif`", "elif", "else if"),
    ("…while x { }", "syntax-error", "there is no `while`", "while", "repeat"),
    ("…try { }", "syntax-error", "there is no `try`", "try", "sequence"),
    ("…step x = try { }", "syntax-error", "there is no `try`", "try", "sequence"),
    ("…let mut x = 1", "syntax-error", "there is no `mut`", "mut", "never changes"),
    ("let a: list<int> = b", "syntax-error", "expected `=` or `(` after `list`", "<", "`list[string]`"),
    ("let a: int[] = b", "syntax-error", "expected a type after `[`", "]", "`list[string]`"),
    ("config { a: url b: secret }", "syntax-error", "expected `}`, `=` or `(` after `url`", "b", "a comma separates"),
    ("…type T { }", "syntax-error", "`type` stands at the top of a file, not inside a flow", "type", ""),
    ("…after x", "syntax-error", "`after` is a clause and follows a step", "after", "behind the step"),
    ("…else { }", "syntax-error", "`else` belongs right behind the `}` of an `if` or to a `match`", "else", ""),
    ("…parallel { on cron('x') }", "syntax-error", "`on` stands only at the top of a flow", "on cron('x')", ""),
    ("…mock a = 1", "syntax-error", "`mock` stands only in a test", "mock a = 1", ""),
    ("step a = 1", "syntax-error", "`step` stands inside a flow", "step", "closed too early"),
    ("def f() { }", "syntax-error", "there is no `def`", "def", "function"),
    ("let a = b === c", "syntax-error", "`===` is not an operator", "===", "`==`"),
    ("let a = b !== c", "syntax-error", "`!==` is not an operator", "!==", "`!=`"),
    ("let a = b && c", "syntax-error", "`&&` is not an operator", "&&", "`and`"),
    ("let a = b || c", "syntax-error", "`||` is not an operator", "||", "`or`"),
    ("let a = !b", "syntax-error", "`!` is not an operator", "!", "`not`"),
    ("let a = b ? c : d", "syntax-error", "`?` is not an operator", "?", "if condition else"),
    ("let a = b ?? c", "syntax-error", "`??` is not an operator", "??", "default"),
    ("let a = b = c", "syntax-error", "`=` does not compare", "=", "`==`"),
    ("…let a += 1", "syntax-error", "", "+", ""),
    ("…step a = b += 1", "syntax-error", "`+=` is not an operator", "+=", "never changes"),
    ("let a = x => x", "syntax-error", "`=>` has no meaning here", "=>", "->"),
    ("let a = lambda x: x", "syntax-error", "there is no `lambda`", "lambda", "comprehension"),
    ("let a = f(b: 1)", "syntax-error", "expected `)`, `,` or an operator after `b`", ":", "`name=value`"),
    ("let a = { b = 1 }", "syntax-error", "expected `}`, `:` or `,` after `b`", "=", "`key: value`"),
    ("service s { base_url: 'x' }", "syntax-error", "expected `=` after `base_url`", ":", "`base_url = …`"),
    ("retry('fixed')\nservice s { a = 1 }", "syntax-error", "an annotation begins with `@`", "retry", "`@retry`"),
    ("…timeout(5s)\n  do g()", "syntax-error", "an annotation begins with `@`", "timeout", "`@timeout`"),
    ("type T { n?: string }", "syntax-error", "expected `:` after `n`", "?", "behind the type"),
    ("flow f(n?: string) { }", "syntax-error", "expected `:` after `n`", "?", "behind the type"),
    ("flow f(n: int): int { }", "syntax-error", "expected `{` or `->` after `)`", ":", "`->`"),
    ("…switch k { }", "syntax-error", "there is no `switch`", "switch", "match"),
    ("…step a = switch k { case 'a' { } }", "syntax-error", "there is no `switch`", "switch", "match"),
    ("…match k { case 'a': { } }", "syntax-error", "expected `{` or `,` after `'a'`", ":", "braces"),
    ("let a = { ...b }", "syntax-error", "`...` is not an operator", "...", "`**other`"),
    ("let a = [...b]", "syntax-error", "`...` is not an operator", "...", "`+`"),
    ("let a = { X-Api-Key: 'a' }", "syntax-error", "expected `}`, `:` or `,` after `X`", "-", "`'X-Api-Key'`"),
    ('import { get } from "http"', "syntax-error", "expected a name after `import`", "{", "`http.get(…)`"),
    ("import get, post from http", "syntax-error", "expected `as`", ",", "`http.get(…)`"),
    ("import time, http as h", "syntax-error", "expected `as`", ",", "a line of its own"),
    ('import (\n  "http"\n)', "syntax-error", "expected a name after `import`", "(", "a line of its own"),
    ('import a from "b"', "syntax-error", "expected `as`", "from", "a module is imported by its name"),
    ("use http", "syntax-error", "there is no `use`", "use", "`import http`"),
    ('const http = require("http")', "syntax-error", "there is no `require`", "const", "`import http`"),
    ("imports:\n  - http", "syntax-error", "expected an item", "imports", "`import http`"),
    ('import "http"', "nameless-import", "a module is imported by its name", '"http"', "`import http`"),
    ("import './a/b.flow'", "nameless-import", "needs a name", "'./a/b.flow'", "as b`"),
    ("import http.client", "syntax-error", "expected `as`", ".", "write `import http`"),
    ("import lib/tools as t", "syntax-error", "expected `as`", "/", '`import "lib/tools.flow" as t`'),
    ("flow my-flow() { }", "syntax-error", "expected `(` after `my`", "-", "`my_flow`"),
    ("…step my-step = g()", "syntax-error", "expected `:` or `=`", "-", "`my_step`"),
    ("async flow f() { }", "syntax-error", "there is no `async`", "async", "at the same time"),
    ("workflow f() {\n  step a = 1\n}", "syntax-error", "there is no `workflow`", "workflow", "`flow name("),
    ("flow f() -> {\n  step a = 1\n  return a\n}", "syntax-error", "expected a type after `->`", "->", ""),
    ("type T {\n  a: int;\n}", "syntax-error", "`;` has no meaning here", ";", "ends a field"),
    ("…let a = { b: 1; c: 2 }", "syntax-error", "`;` has no meaning here", ";", "with a comma"),
    ("…let a = 1; let b = 2", "syntax-error", "`;` has no meaning here", ";", "ends a statement"),
    ("…if a then { }", "syntax-error", "there is no `then`", "then", "in braces"),
    ("…for x of xs { }", "syntax-error", "expected `,` or `in`", "of", "`for x in xs { … }`"),
    ("…for each x in xs { }", "syntax-error", "expected `,` or `in`", "x", "`for x in xs { … }`"),
    ("…for i = 0; i < 3; i++ { }", "syntax-error", "expected `,` or `in`", "=", "`for i in range(0, 3)"),
    ("…step = g()", "syntax-error", "expected a name after `step`", "=", "`do …`"),
    ("…step x g()", "syntax-error", "expected `:` or `=`", "g", "`step x = …`"),
    ("…let n int = 1", "syntax-error", "expected `:` or `=`", "int", "`let n: int = …`"),
    ("…let a, b = c", "syntax-error", "expected `:` or `=`", ",", "a name of its own"),
    ("…ensure a > 0, 'no'", "syntax-error", "expected a statement", ",", "follows `else`"),
    ("…@timeout 5s\n  do g()", "syntax-error", "expected a statement", "5s", "`@timeout(5s)`"),
    ("…do g() retry 3", "syntax-error", "expected a new line", "retry", "`@retry(attempts=3)`"),
    ("…let a = b->c", "syntax-error", "expected a new line", "->", "with a dot"),
    ("…let a = 'it's'", "syntax-error", "expected a new line", "s", 'stands in `"…"`'),
    ("…do wait 5s", "syntax-error", "expected a new line", "5s", "`wait(…)`"),
    ("…Step x = 1", "syntax-error", "there is no `Step`", "Step", "`step`"),
    ("…x", "syntax-error", "expected a statement", "x", "begins with its word"),
    ("…unless c { }", "syntax-error", "there is no `unless`", "unless", "`if not"),
    ('…fail "no"', "syntax-error", "expected a statement", "fail", "in parentheses: `do fail(…)`"),
    ("…do fail 'no'", "syntax-error", "expected a new line", "'no'", "in parentheses: `fail(…)`"),
    ("…step r = http.get url", "syntax-error", "expected a new line", "url", "in parentheses: `get(…)`"),
    ("…step r = g() catch (e) { }", "syntax-error", "expected a name after `catch`", "(", "`catch as e { … }`"),
    ("…step r = g() catch (http) { }", "syntax-error", "expected a name after `catch`", "(", "`catch http { … }`"),
    ("…step r = g() catch (A b) { }", "syntax-error", "expected a name after `catch`", "(", "`catch http as err"),
    ("…step r = async g()", "syntax-error", "there is no `async`", "async", "at the same time"),
    ("…log('x')", "syntax-error", "there is no `log`", "log", "seen in the run"),
    ("…console.log('x')", "syntax-error", "there is no `console.log`", "console", "seen in the run"),
    ("…sleep(5)", "syntax-error", "there is no `sleep`", "sleep", "`do wait(5s)`"),
    ("import lib.tools", "syntax-error", "expected `as`", ".", '`import "lib/tools.flow" as tools`'),
    ("from lib.tools import score", "syntax-error", "`from`", "from", "python('lib.tools:score')"),
    ("import lib.tools", "syntax-error", "expected `as`", ".", "`action name() -> any = python('lib.tools:name')`"),
    ("let a = (b, c)", "syntax-error", "expected `)` after `b`", ",", "`[a, b]`"),
    ("let a = f(**b)", "syntax-error", "expected an expression after `(`", "**", "one by one"),
    ("let a = x.0", "syntax-error", "expected a name after `.`", "0", "`xs[0]`"),
    ("let a = .5", "syntax-error", "expected an expression after `=`", ".", "`0.5`"),
    ("let a = {{ b }}", "syntax-error", "`{{ }}` belongs into a text", "{{", "bare expression"),
    ("let a = f\"x\"", "syntax-error", "no letter stands before a text", "f", "template already"),
    ("let a = 'x' 'y'", "syntax-error", "expected a new line or an operator after `'x'`", "'y'", "`~`"),
    ("let a = (x for x in y)", "syntax-error", "expected `)` after `x`", "for", "`[e for x in xs if c]`"),
    ("let a = “x”", "syntax-error", "`“` is a typographic quote", "“", '`"`'),
    ("let a = b – c", "syntax-error", "`–` is not an operator", "–", "`-`"),
    ("let a\u00a0= b", "syntax-error", "a typographic space has no meaning here", "\u00a0", "plain space"),
    ("let a = р", "syntax-error", "`р` (U+0440) looks like `p` and is not", "р", "a-z"),
    ("let a = é", "bad-name", "`é` cannot stand in the name `é`", "é", "a-z"),
    ("let a = \x00", "syntax-error", "the control character U+0000 has no meaning here", "\x00", "delete"),
    ("let a = ;", "syntax-error", "`;` has no meaning here", ";", "line end"),
    ("let a = ${b}", "syntax-error", "`${` has no meaning here", "${", "{{ name }}"),
    ("let a = `b`", "syntax-error", "a backtick has no meaning here", "`", "'…'"),
    ("let a = )", "syntax-error", "`)` closes nothing", ")", ""),
    ("let a = 1 )", "syntax-error", "`)` closes nothing", ")", ""),
    ("let a = 1 )])", "syntax-error", "`)` closes nothing", ")", ""),
    ("…let a = 1 ))", "syntax-error", "`)` closes nothing", ")", ""),
    ("flow f() {\n  let a = 1\n}}}", "syntax-error", "`}` closes nothing", "}", ""),
    ("let a = f(1]", "unclosed-bracket", "`(` is never closed", "(", "`)`"),
    ("let a = f(1\nlet b = 2", "unclosed-bracket", "`(` is never closed", "(", "`)`"),
    ("let a = [1,\n  2", "unclosed-bracket", "`[` is never closed", "[", "`]`"),
    ("type T {\n  a: string(\n  b: int\n}", "unclosed-bracket", "`(` is never closed", "(", "`)`"),
    ("flow f() {", "unclosed-bracket", "`{` is never closed", "{", "`}`"),
    ("flow f() {\n  step a = { b: 1\n  step c = 2\n}", "unclosed-bracket", "`{` is never closed", "{", "`}`"),
    ("flow f()\n  -> int\n{\n}", "syntax-error", "expected `{` after `int`", "int", "same line"),
    ("let a = 'x\nlet b = 1", "unclosed-string", "a text is not closed on its line", "'x", "`'`"),
    ('let a = "x\nlet b = 1', "unclosed-string", "a text is not closed on its line", '"x', '`"`'),
    ('let a = """x\nlet b = 1', "unclosed-string", "a text of several lines is never closed", '"""', '`"""`'),
    ("let a = '''x'''", "syntax-error", "a text cannot begin with three single quotes", "'''", '`"""`'),
    ('let a = "x {{ y"', "unclosed-bracket", "`{{` is not closed on its line", "{{", "`}}`"),
    ('let a = "x {{ y }"', "unclosed-bracket", "`{{` is not closed on its line", "{{", "`}}`"),
    ('let a = "x {{ y z }}"', "syntax-error", "expected an operator after `y`", "z", ""),
    ('let a = "x {{ }}"', "syntax-error", "expected an expression", "}}", ""),
    ('let a = "x {{ f(y }}"', "unclosed-bracket", "`(` is never closed", "(", "`)`"),
    ('let a = "x {{- y }}"', "syntax-error", "a hole begins with `{{`, not `{{-`", "{{-", "white space"),
    ('let a = "x {{ y # z }}"', "syntax-error", "a comment cannot stand in a hole", "#", "above"),
    ('let a = "x {{ f(\\"y\\") }}"', "syntax-error", "a backslash has no meaning here", "\\", "no backslash"),
    ('let a = "{% if x %}"', "jinja-statement", "a template holds expressions", "{% if x %}", "{{ a if c else b }}"),
    ('let a = "{% if x %}a{%- else %}b{% endif %}"', "jinja-statement", "a template holds", "{% if x %}", ""),
    ('let a = "{% endfor %}"', "jinja-statement", "a template holds expressions", "{% endfor %}", ""),
    ('let a = "{% for x in y %}{% set z = x %}{{ z }}{% endfor %}"', "jinja-statement", "", "{% for x in y %}", "join"),
    ('let a = "{% set y = x %}{{ y }}"', "jinja-statement", "", "{% set y = x %}", "with `let` above"),
    ("let a = '\\d'", "bad-escape", "`\\d` is not an escape", "\\d", "`\\\\d`"),
    ("let a = '\\u12'", "bad-escape", "`\\u` is not an escape", "\\u", "hexadecimal"),
    ("let a = '\\ud800'", "bad-escape", "`\\ud800` is no character", "\\ud800", ""),
    ("let a = '\\u{110000}'", "bad-escape", "`\\u{110000}` is no character", "\\u{110000}", ""),
    ("let a = 9223372036854775808", "number-too-large", "an int has at most 64 bits", "9223372036854775808", "text"),
    ("let a = 1e999", "number-too-large", "a float is smaller than 1.8e308", "1e999", ""),
    ("let a = 1h30m", "bad-number", "`1h30m` is not a number", "1h30m", "`90m`"),
    ("let a = 1_000", "bad-number", "`1_000` is not a number", "1_000", "`1000`"),
    ("let a = 007", "bad-number", "`007` is not a number", "007", "`7`"),
    ("let a = 5min", "bad-number", "`5min` is not a number", "5min", "`5m`: the units of a duration"),
    ("let a = 5fortnights", "bad-number", "`5fortnights` is not a number", "5fortnights", "ms, s, m, h and d"),
    ("let a = 0x1F", "bad-number", "`0x1F` is not a number", "0x1F", "`31`"),
    ("let a = 1.5h30m", "bad-number", "`1.5h30m` is not a number", "1.5h30m", "`1.5h + 30m`"),
    ("let a = 2026-01-09", "bad-number", "`2026-01-09` is not a number", "2026-01-09", "date('2026-01-09')"),
    ("let a = 2026-11-09", "bad-number", "`2026-11-09` is not a number", "2026-11-09", "date('2026-11-09')"),
    ("let a = 2026-01-31T09:00:00Z", "bad-number", "is not a number", "2026-01-31T09:00:00Z", "datetime('2026"),
    ("let a = 2026-01-31 09:00:00Z", "bad-number", "is not a number", "2026-01-31 09:00:00Z", "datetime('2026"),
    ("let a = [2026-11-30 10:20, b]", "syntax-error", "after `30`", "2026-11-30 10:20", "datetime('2026"),
    ('let a = "{{ 2026-01-31T09:00:00+02:00 }}"', "bad-number", "", "2026-01-31T09:00:00+02:00", "+02:00')"),
    ("let a = 09:30", "bad-number", "`09:30` is not a number", "09:30", "`'09:30'`"),
    ("…let a = 10:30", "syntax-error", "expected a statement", ":", "`'10:30'`"),
    ("let a = wait(1h 30m)", "syntax-error", "expected `)`, `,` or an operator after `1h`", "30m", "one unit"),
    ("let a = x.map(y => y)", "syntax-error", "`=>` has no meaning here", "=>", "list comprehension"),
    ("let a := 3", "syntax-error", "`:=` has no meaning here", ":=", "`=`"),
    ("let a = x ^ 2", "syntax-error", "`^` is not an operator", "^", "`x ** 2`"),
    ("let a = [x for y in z for x in y]", "syntax-error", "expected `]` after `z`", "for", "one `for`"),
    ("…a += 1", "syntax-error", "a value never changes", "a", "`let`"),
    ("…a++", "syntax-error", "a value never changes", "a", "`let`"),
    ("…assert x > 1", "syntax-error", "there is no `assert`", "assert", "ensure"),
    ("…step a = await f(x)", "syntax-error", "there is no `await`", "await", "waits for it"),
    ("…match x { case 'a' { } default { } }", "syntax-error", "there is no `default`", "default", "else"),
    ("…if x:\n    do f()", "syntax-error", "expected `{` after `x`", ":", "braces"),
    ("…for (x in xs) { }", "syntax-error", "expected a name after `for`", "(", "no parentheses"),
    ("…for i in 0..10 { }", "syntax-error", "`..` is not an operator", "..", "range"),
    ("let a = 0.0000001s", "bad-number", "a duration is a whole number of microseconds", "0.0000001s", ""),
    ('import "x.flow"', "nameless-import", "an imported file needs a name", '"x.flow"', "as x`"),
    ('import "{{ x }}" as x', "syntax-error", "an imported path cannot contain `{{ }}`", '"{{ x }}"', ""),
    ('let a = { "{{ x }}": 1 }', "syntax-error", "a key with `{{ }}` stands in brackets", '"{{ x }}"', '`["{{ x'),
    ("flow a() { return 1 } garbage", "syntax-error", "expected a new line after `}`", "garbage", ""),
    ("flw f() { }", "syntax-error", "there is no `flw`", "flw", "`flow`"),
    ("sevrice s { base_url = 'x' }", "syntax-error", "there is no `sevrice`", "sevrice", "`service`"),
    ("…stp x = g()", "syntax-error", "there is no `stp`", "stp", "`step`"),
    ("…retrun 1", "syntax-error", "there is no `retrun`", "retrun", "`return`"),
    ("…do g()\n    cath http { }", "syntax-error", "there is no `cath`", "cath", "`catch`"),
    ("…do g()\n    whenn x", "syntax-error", "there is no `whenn`", "whenn", "`when`"),
    ("…do g() whn x", "syntax-error", "there is no `whn`", "whn", "`when`"),
    ("…step x = g()\n    ensrue x", "syntax-error", "there is no `ensrue`", "ensrue", "`ensure`"),
    ("let a = o\u200br", "syntax-error", "the control character U+200B", "\u200b", "delete"),
    ("flow a(x) { }", "syntax-error", "expected `:` after `x`", ")", ""),
    ("…config.api = 'x'", "syntax-error", "expected a statement", "config", "given from outside and never changes"),
    (
        "…step r = parallel [\n    g(1),\n    g(2),\n  ]",
        "syntax-error",
        "expected `]` or `:`",
        ",",
        "in braces: `parallel {",
    ),
    ("flow f:\n  return 1\n", "syntax-error", "expected `(` after `f`", ":", "`flow name() { … }`"),
    ("flow f(a, b: int) -> any {\n  return b\n}\n", "syntax-error", "expected `:` after `a`", ",", "`a: string`"),
    ('"""what"""\nimport http\n', "syntax-error", "expected an item", '"""what"""', "behind `##!`"),
    ("…step a = g()\n    if b\n  return a", "syntax-error", "expected `{` after `b`", "b", "says `when c`"),
    (
        "…step a = g()\n    catch 404 { yield 1 }",
        "syntax-error",
        "expected a name after `catch`",
        "404",
        "when err.status == 404",
    ),
    ("…step a = g()\n    undo g()", "syntax-error", "expected `{` after `undo`", "g", "`undo { do"),
    ("…step b = g()\n    depends_on [a]", "syntax-error", "expected a statement", "depends_on", "`after name`"),
    ("…step b = g()\n    timeout 5s", "syntax-error", "expected a statement", "timeout", "`@timeout(10s)`"),
    (
        "…step b = for x in xs concurrency 5 { yield x }",
        "syntax-error",
        "expected `{`",
        "concurrency",
        "`@concurrency(4)`",
    ),
    ("…let n: int\n", "syntax-error", "expected `=` after `int`", "int", "`let name: int = …`"),
    ("…let a = b as U", "syntax-error", "expected a new line", "as", "`let a: T = b`"),
    ("// x\n/* y */\nimport http", "syntax-error", "`//` begins no comment", "//", "`#`"),
    ("/*\n * x\n */\nflow f() {\n}", "syntax-error", "`/*` begins no comment", "/*", "`#`"),
    ("import http\n// x\n// y\nlet a = 1", "syntax-error", "`//` begins no comment", "//", "`#`"),
    ("type T {\n  a: int, // the a\n  b: int\n}", "syntax-error", "`//` begins no comment", "//", "`#`"),
    ("…do g() // fetch the user\n  do h()", "syntax-error", "`//` begins no comment", "//", "`#`"),
    ("…step a = g()\n    // only sometimes, so\n    when b", "syntax-error", "`//` begins no comment", "//", "`#`"),
    ("flow f() -> any\n  on cron('x')\n{\n  return 1\n}", "syntax-error", "a trigger stands in its", "on cron", "`{`"),
    ("flow f()\non cron('x') {\n  do g()\n}", "syntax-error", "a trigger stands in its flow", "on cron", "`{`"),
    (
        "flow f(a: int)\n  on cron('x') with {\n    a: 1\n  }\n  on event('y') with { a: 2 } {\n  return a\n}",
        "syntax-error",
        "a trigger stands in its flow",
        "on cron",
        "`{`",
    ),
    ("let a = { k: v for k in xs }", "syntax-error", "expected `}` or `,`", "for", "[{ key: k, value: v } for"),
    ("let a = { x.id: x for x in xs }", "syntax-error", "expected `}`", ".", "`[{ key: k, value: v } for k in xs]`"),
    ("let a = { for k in xs : k => 1 }", "syntax-error", "expected `:`", "for", "`[{ key: k, value: v } for k in xs]`"),
    ("let a = { x.id: 1 }", "syntax-error", "expected `}`", ".", "in brackets: `[x.id]: …`"),
    ("let a = { x.id }", "syntax-error", "expected `}`", ".", "`id: x.id`"),
    ("let a = { f() { 1 } }", "syntax-error", "expected `}`", "(", "`function name("),
    ("let a = (n := 1)", "syntax-error", "`:=` has no meaning here", ":=", "`let n = …`"),
    ("let a = 10%", "syntax-error", "expected an expression after `%`", "%", "`0.1`"),
    ("let a = b between 1 and 5", "syntax-error", "expected a new line", "between", "`1 <= a <= 5`"),
    ("let a = b eq 1", "syntax-error", "expected a new line", "eq", "`a == b`"),
    ("let a = xs[*].id", "syntax-error", "expected an expression after `[`", "*", "map(attribute='id')"),
    ("…return [*a, 1]", "syntax-error", "expected an expression after `[`", "*", "`xs + [1]`"),
    ("…return [1, *a]", "syntax-error", "expected an expression after `,`", "*", "`xs + [1]`"),
    ("…step a = g(accept=[*b, 404])", "syntax-error", "expected an expression after `[`", "*", "`xs + [1]`"),
    ("config {\n  a: list[string] optional\n}", "syntax-error", "expected `}`", "optional", "`list[string]?`"),
    ("config {\n  a: string? optional\n}", "syntax-error", "expected `}`", "optional", "leave the word out"),
    ("let a = $json.name", "syntax-error", "`$` has no meaning here", "$", "`lead.id`"),
    ("let a = $('Node').item", "syntax-error", "`$` has no meaning here", "$", "`lead.id`"),
    ("let a = $HOME", "syntax-error", "`$` has no meaning here", "$", "`config.name`"),
    ("flow f(string a) { }", "syntax-error", "expected `:` after `string`", "a", "`a: string`"),
    ("flow f(a: int) int { return a }", "syntax-error", "expected `{` or `->`", "int", "follows `->`"),
    ("flow f(a: int):\n  return a", "syntax-error", "expected `{` or `->`", ":", "in braces"),
    ("type T(Base) {\n  a: int\n}", "syntax-error", "expected `=` or `{`", "(", "no inheritance"),
    ("type K = enum { a, b }", "syntax-error", "expected a new line after `enum`", "{", "`type K = 'a' | 'b'`"),
    ("config {\n  a: string required\n}", "syntax-error", "expected `}`, `=` or `(`", "required", "leave the word out"),
    ("config {\n  a: string 'what'\n}", "syntax-error", "expected `}`, `=` or `(`", "'what'", "behind `##`"),
    ("signal approve(id: string)", "syntax-error", "there is no `signal`", "signal", "`step e = events.wait('name')`"),
    ("…step a = GET url", "syntax-error", "expected a new line", "url", "`http.get(…)`"),
    ("…step a = POST 'x'", "syntax-error", "expected a new line", "'x'", "`http.post(…)`"),
    ("…step(a) = g()", "syntax-error", "expected a name after `step`", "(", "`step name = …`"),
    ("…- step a = g()", "syntax-error", "expected a statement", "-", "without `-`"),
    ("…a >> b", "syntax-error", "expected a statement", "a", "`after name`"),
    ("…do a >> b", "syntax-error", "`>>` is not an operator", ">>", "`after name`"),
    ("…let n = 1,000", "syntax-error", "expected a statement", ",", "`1000`"),
    ("…const { a } = b", "syntax-error", "there is no `const`", "const", "`let b = item.b`"),
    ("…with open('x') as y { }", "syntax-error", "there is no `with`", "with", "`sequence { … }`"),
    ("…repeat 3 { do g() }", "syntax-error", "expected a name after `repeat`", "3", "`for i in range(3) { … }`"),
    ("…until a > 3 {\n    do g()\n  }", "syntax-error", "`until` is a clause", "until", "`repeat x = first {"),
    ("…if (a > 1) do g()", "syntax-error", "expected `{` after `)`", "do", "`if c { … }`"),
    ("…parallel [\n    g(), h()\n  ]", "syntax-error", "expected a statement", "parallel", "in braces: `parallel {"),
    ("…parallel for x in xs { do g(x) }", "syntax-error", "expected a statement", "parallel", "`for x in xs { … }`"),
    ("…step a = parallel for x in xs { do g(x) }", "syntax-error", "expected", "for", "`for x in xs { … }`"),
    ("…do g()\n    catch a.slack('x')", "syntax-error", "expected `{`, `,` or `as`", ".", "`catch { yield none }`"),
    ("…do g()\n    catch yield none", "syntax-error", "expected `{`, `,` or `as`", "none", "`catch { yield none }`"),
    ("…do g()\n    catch http -> a", "syntax-error", "expected `{`, `,` or `as`", "->", "`catch { yield none }`"),
    ("…do g()\n    catch { none }", "syntax-error", "expected a statement", "none", "with `yield`"),
    ("…do g()\n    on error { yield 1 }", "syntax-error", "expected a statement", "{", "`catch { yield none }`"),
    ("…do g()\n    after 'a'", "syntax-error", "expected a name after `after`", "'a'", "without quotes"),
    ("…do g()\n    after [a, b]", "syntax-error", "expected a name after `after`", "[", "without brackets"),
    ("…do g()\n    after 5s", "syntax-error", "expected a name after `after`", "5s", "`step pause = wait(5s)`"),
    ("…do g()\n    next h", "syntax-error", "there is no `next`", "next", "make the order"),
    ("…do g()\n    register: a", "syntax-error", "expected a statement", "register", "read by its name"),
    ("…ensure(a > 1, 'no')", "syntax-error", "expected `)`", ",", "follows `else`"),
    ("…ensure a > 1 'no'", "syntax-error", "expected `else`", "'no'", "follows `else`"),
    ("…on http.post('/x')", "syntax-error", "expected a statement", ".", "`on webhook('/path')`"),
    ("…on cron '0 9 * * *'", "syntax-error", "expected a statement", "'0 9 * * *'", "`on cron('0 3 * * *')`"),
    ("…schedule '0 9 * * *'", "syntax-error", "expected a statement", "schedule", "`on cron('0 3 * * *')`"),
    ("…cron('0 9 * * *')", "syntax-error", "expected a statement", "cron", "`on cron(…)`"),
    ("…step a = match b {\n    case x if x > 1 { yield 1 }\n  }", "syntax-error", "no condition", "{", "`if c { … }"),
    ("…return 1 if a > 1\n  return 2", "missing-else", "needs an `else`", "1 if a > 1", "`return a if condition"),
    ("…let a = <<EOF\nhello there\nEOF\n  do g()", "syntax-error", "`<<` is not an operator", "<<", '`"""`'),
    ("…{% if a %}\n  do g()\n  {% endif %}", "syntax-error", "no meaning here", "{%", "without `{% %}`"),
    ("…{% for a in b %}\n  do g()\n  {% else %}\n  do h()\n  {% endfor %}", "syntax-error", "no meaning", "{%", ""),
    ("…if a > 1\n    do g()\n  end", "syntax-error", "expected `{` after `1`", "1", "in braces"),
    ("…for x in xs do\n    do g()\n  end", "syntax-error", "expected `{` after `xs`", "do", "in braces"),
    ("…do g()\n  end", "syntax-error", "there is no `end`", "end", "`}`"),
    ("…do {\n    do g()\n  }", "unclosed-bracket", "a block of steps begins with its word", "{", "`sequence { … }`"),
    ("…step a = { # why\n    step b = g()\n  }", "unclosed-bracket", "begins with its word", "{", "`sequence { … }`"),
    ('{\n  "StartAt": "A"\n}', "syntax-error", "this file is JSON", "{", "`flow name("),
    ('[\n  { "a": 1 }\n]', "syntax-error", "this file is JSON", "[", "`flow name("),
    ("# x\nname: CI\non:\n  push: 1\njobs:\n- don't\n- \"{{ x\n", "syntax-error", "is YAML", "name", "`flow name("),
    ("---\n- hosts: all\n  tasks:\n    - a: 1\n", "syntax-error", "this file is YAML", "-", "`flow name("),
    ("name: x\nflow f() { return 1 }\n", "syntax-error", "expected an item", "name", "behind `##`"),
    ('module "x" {\n  source = "y"\n}', "syntax-error", "expected an item", "module", '`import "x.flow" as x`'),
    ("input name: string", "syntax-error", "there is no `input`", "input", "stand in the head"),
    ("let a = { 1, 2 }", "syntax-error", "expected a key", "1", "`[1, 2]`"),
    ("let a = b . 'x'", "syntax-error", "expected a name after `.`", "'x'", "`~`"),
    ("…let a = (int) id", "syntax-error", "expected a new line", "id", "`x | int`"),
    ("…return a, 1", "syntax-error", "expected a statement", ",", "`[a, b]`"),
    ("…del a.b", "syntax-error", "there is no `del`", "del", "never changes"),
    ("…step a = try g()", "syntax-error", "expected a new line", "g", "`catch { yield 'x' }`"),
    ("…@retry 3 times\n  do g()", "syntax-error", "expected a statement", "3", "`@retry(attempts=3)`"),
    ("…return 1,000", "syntax-error", "expected a statement", ",", "`1000`"),
    ("…step r = repeat c = 0 {\n    yield c next c + 1 when d\n  }", "syntax-error", "expected", "when", "`next none`"),
    ("…return a when b", "syntax-error", "expected a statement", "when", "`… if condition else none`"),
    ("…match a {\n    case 'x' | 'y' | 'z' { }\n  }", "syntax-error", "parted with commas", "|", "`case 'a', 'b' {"),
    ("…match a {\n    case 1 || 2 { }\n  }", "syntax-error", "parted with commas", "||", "`case 'a', 'b' { … }`"),
    ("…match a {\n    case in [1, 2] { }\n  }", "syntax-error", "no condition", "in", "`if c { … }"),
    ("…match a {\n    case > 5 { }\n  }", "syntax-error", "no condition", ">", "`if c { … }"),
    ("…{% set a = b + 1 -%}", "syntax-error", "no meaning", "{% set a = b + 1 -%}", "`let a = b + 1`"),
    ("…{% set a = a + b %}", "syntax-error", "no meaning", "{% set a = a + b %}", "`xs | sum`"),
    ("type T {\n  a: date-time\n}", "syntax-error", "expected", "-", "write `datetime`"),
    ("let a: my-type? = 1", "syntax-error", "expected", "-", "write `MyType`"),
    ("…step a = @retry(attempts=3) g()", "syntax-error", "above its statement", "@retry(attempts=3)", "`step a`"),
    ("…step a @retry = g()", "syntax-error", "above its statement", "@retry", "`step a`"),
    ("…for x in xs @concurrency(3) {\n    do g()\n  }", "syntax-error", "above its", "@concurrency(3)", "`for`"),
    ("…do g() @retry when a", "syntax-error", "above its statement", "@retry", "`do`"),
    ("…do g()\n    @retry\n    when a", "syntax-error", "above its statement", "@retry", "`do`"),
    ("flow f() -> int @timeout(1m) {\n  return 1\n}", "syntax-error", "declaration", "@timeout(1m)", "`flow f`"),
    ("flow f() -> int\n  on event('x')\n{ return 1 }", "syntax-error", "in its flow", "on event", "`{`"),
    ("flow f() -> int\n  on event('x') { return 1 }", "syntax-error", "in its flow", "on event", "`{`"),
    ('let a = "{{ b:.2f }}"', "syntax-error", "`:` cannot stand here", ":", "`x | text.number(2)`"),
]  # fmt: skip

PARSER_WORDS = re.compile(
    r"\b(?:NAME|STRING|NUMBER|DURATION|NL|BROKEN\w*|token|lookahead|terminal|parser|illegal)\b|\$END"
)


@pytest.mark.parametrize(("text", "rule", "message", "marked", "help"), MISTAKES, ids=[m[0][:40] for m in MISTAKES])
def test_one_mistake_one_finding(text: str, rule: str, message: str, marked: str, help: str) -> None:
    if text.startswith("…"):
        text = f"flow f() {{\n  {text[1:]}\n}}\n"
    parsed = parse(Source("x.flow", text))
    assert [d.rule for d in parsed.diagnostics] == [rule], parsed.diagnostics
    found = parsed.diagnostics[0]
    assert message in found.message
    assert text[found.span.start : found.span.end] == marked
    assert help in found.help


def test_the_words_are_the_authors() -> None:
    for text, *_ in MISTAKES:
        for found in parse(Source("x.flow", text.replace("…", ""))).diagnostics:
            assert not PARSER_WORDS.search(found.message + found.help), found
            assert found.message.count("`, `") < 5
            assert "\n" not in found.message


def test_a_fix_adds_the_missing_else() -> None:
    text = "let a = [x if c, 2]\nlet b = a"
    parsed = parse(Source("x.flow", text))
    (edit,) = parsed.diagnostics[0].fixes[0].edits
    fixed = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert fixed == "let a = [x if c else none, 2]\nlet b = a"
    assert not parse(Source("x.flow", fixed)).diagnostics


@pytest.mark.parametrize("line", ["let x = 1 // b c", "// b c\n  let x = 1", "let x = 1 /* b */", "let x = 1 /* b"])
def test_each_of_many_comments_is_one_finding_and_nothing_else_is_lost(line: str) -> None:
    text = "flow f() {\n" + f"  {line}\n" * 20 + "  step y = = 2\n  return x\n}\n"
    parsed = parse(Source("x.flow", text))
    *comments, other = parsed.diagnostics
    assert [found.help for found in comments] == ["comments begin with `#`"] * 20
    assert text[other.span.start : other.span.end] == "="
    (flow,) = parsed.tree.items
    assert [type(each).__name__ for each in flow.body.statements] == [*["Let"] * 20, "Broken", "Return"]
    assert {text[each.start : each.end] for each in flow.body.statements[:20]} == {"let x = 1"}


def test_an_import_is_not_mended_where_none_may_stand() -> None:
    (found,) = parse(Source("x.flow", "flow f() {\n  from http import get\n}\n")).diagnostics
    assert found.help == "write `import http` at the top of the file, and `http.get(…)` where it is used"
    assert not found.fixes


def test_a_missing_brace_is_found_by_indentation() -> None:
    text = "flow a() {\n  step x = if c {\n    step y = 1\n  step z = 2\n}\nflow b() { return 1 }\n"
    parsed = parse(Source("x.flow", text))
    (found,) = parsed.diagnostics
    assert found.span.start == text.index("{\n    step y")
    assert [type(item).__name__ for item in parsed.tree.items] == ["FlowDecl", "FlowDecl"]


@pytest.mark.parametrize("spelling", ["9" * 5000 + "weeks", "9" * 5000 + "h30m", "0x" + "f" * 9000, "9_" * 3000 + "9"])
def test_numbers_longer_than_python_reads_are_only_refused(spelling: str) -> None:
    (found,) = parse(Source("x", f"let a = {spelling}\n")).diagnostics
    assert found.rule == "bad-number"


def test_the_modules_that_are_told_are_those_of_the_library() -> None:
    assert sorted(import_hints.MODULES) == sorted(standard_library().modules())


def test_the_annotations_that_are_told_are_declared() -> None:
    declared = set(re.findall(r"^annotation (\w+)", "".join(_library()), re.M))
    assert declared >= foreign_words.ANNOTATIONS


def _library() -> list[str]:
    return [path.read_text(encoding="utf-8") for path in (Path(__file__).parents[2] / "stdlib").glob("*.flow")]


@pytest.mark.parametrize(
    ("text", "fixed"),
    [
        ("service s { base_url: 'x' }", "service s { base_url = 'x' }"),
        ("type T { n?: string, m: int }", "type T { n: string?, m: int }"),
        ("flow f(n: int): int { return 1 }", "flow f(n: int) -> int { return 1 }"),
        ("let a = { ...b, c: 1 }", "let a = { **b, c: 1 }"),
        ("let a = { X-Api-Key: 'a' }", "let a = { 'X-Api-Key': 'a' }"),
        ("let a = 'x' if b = 1 else 'y'", "let a = 'x' if b == 1 else 'y'"),
        ("let a = \"n{{ 's' if b }}\"", "let a = \"n{{ 's' if b else '' }}\""),
        ("service 'crm' { base_url = 'x' }", "service crm { base_url = 'x' }"),
        ("config { a = true }", "config { a: bool = true }"),
        ('config { a = "https://x.y" }', 'config { a: url = "https://x.y" }'),
        ("flow f() {\n  step a:\n    g('x')\n}", "flow f() {\n  step a = g('x')\n}"),
        ("flow f() {\n  step b = g() needs a\n}", "flow f() {\n  step b = g() after a\n}"),
        ("flow f() {\n  let a = now() + 2 hours\n}", "flow f() {\n  let a = now() + 2h\n}"),
        ("flow f() {\n  do g(https://x.y/z)\n}", 'flow f() {\n  do g("https://x.y/z")\n}'),
        ("flow f() {\n  do g(x) if c\n}", "flow f() {\n  do g(x) when c\n}"),
        ("flow f() {\n  let a = for x in xs { yield x }\n}", "flow f() {\n  step a = for x in xs { yield x }\n}"),
        ("flow f() {\n  /* why */\n}", "flow f() {\n  # why\n}"),
        ("flow f() {\n  // a, b\n  // c http://d\n  do g()\n}", "flow f() {\n  # a, b\n  # c http://d\n  do g()\n}"),
        ("/**\n * x\n *\n * y\n */\nflow f() { }\n", "# x\n#\n# y\nflow f() { }\n"),
        ("// x\n/* y */\nimport http\n", "# x\n# y\nimport http\n"),
        ("flow f() {\n  do g() // a b\n}", "flow f() {\n  do g() # a b\n}"),
        ("flow f()\n  on cron('x')\n{\n  do g()\n}\n", "flow f() {\n  on cron('x')\n  do g()\n}\n"),
        ("flow f() on cron('x') {\n  do g()\n}\n", "flow f() {\n  on cron('x')\n  do g()\n}\n"),
        ("let a = { x.id: 1 }", "let a = { [x.id]: 1 }"),
        ("let a = { x.id, y: 1 }", "let a = { id: x.id, y: 1 }"),
        ("let a = `hi ${b.c} {d}`", 'let a = "hi {{ b.c }} {d}"'),
        ("let a = b eq 1", "let a = b == 1"),
        ("flow f(string a) { }", "flow f(a: string) { }"),
        ("flow f(a: int) int { return a }", "flow f(a: int) -> int { return a }"),
        ("flow f(a: int) returns int { return a }", "flow f(a: int) -> int { return a }"),
        ("config { a: string optional }", "config { a: string? }"),
        ("config { a: string nullable = 'x' }", "config { a: string? = 'x' }"),
        ("config { a: string?  optional }", "config { a: string? }"),
        ("config { a: string default 'x' }", "config { a: string = 'x' }"),
        ("type T = struct { a: int }", "type T = { a: int }"),
        ("flow f() {\n  - do g()\n}", "flow f() {\n  do g()\n}"),
        ("flow f() {\n  step a = parallel for x in xs { }\n}", "flow f() {\n  step a = for x in xs { }\n}"),
        ("flow f() {\n  do g()\n    after [a, b]\n}", "flow f() {\n  do g()\n    after a, b\n}"),
        ("flow f() {\n  do g()\n    after 'a'\n}", "flow f() {\n  do g()\n    after a\n}"),
        ("flow f() {\n  ensure a 'no'\n}", "flow f() {\n  ensure a else 'no'\n}"),
        ("flow f() {\n  on cron '0 9 * * *'\n}", "flow f() {\n  on cron('0 9 * * *')\n}"),
        ("flow f() {\n  cron('0 9 * * *')\n}", "flow f() {\n  on cron('0 9 * * *')\n}"),
        ("flow f() {\n  let n = 1,000,000\n}", "flow f() {\n  let n = 1000000\n}"),
        ("flow f() {\n  do g() catch { none }\n}", "flow f() {\n  do g() catch { yield none }\n}"),
        ("flow f() {\n  return 1,000\n}\n", "flow f() {\n  return 1000\n}\n"),
        (
            "flow f() {\n  step r = repeat c = 0 {\n    yield c next c + 1 when c < 3 # why\n  }\n}\n",
            "flow f() {\n  step r = repeat c = 0 {\n    yield c next c + 1 if c < 3 else none # why\n  }\n}\n",
        ),
        (
            "flow f() {\n  match a {\n    case 'x' |'y'|| 'z' { }\n  }\n}\n",
            "flow f() {\n  match a {\n    case 'x', 'y', 'z' { }\n  }\n}\n",
        ),
        ("flow f() {\n  {% set a = b -%}\n}\n", "flow f() {\n  let a = b\n}\n"),
        ("let a: date-time = b\n", "let a: datetime = b\n"),
        ("flow f() {\n  do @once g()\n}\n", "flow f() {\n  @once\n  do g()\n}\n"),
        ("flow f() {\n  for x in xs @limit(3) { }\n}\n", "flow f() {\n  @limit(3)\n  for x in xs { }\n}\n"),
        ("flow f() {\n  do g()\n    @once\n    when a\n}\n", "flow f() {\n  @once\n  do g()\n    when a\n}\n"),
        ("flow f() @once {\n}\n", "@once\nflow f() {\n}\n"),
        ("flow f()\n  on event('x')\n{ return 1 }\n", "flow f() {\n  on event('x')\n  return 1 }\n"),
        ("flow f() on event('x') { return 1 }\n", "flow f() {\n  on event('x')\n  return 1 }\n"),
        ('let a = r"\\d+"', 'let a = "\\\\d+"'),
        ("flow f() {\n  const a = await g.h()\n}", "flow f() {\n  step a = g.h()\n}"),
        ("flow f() {\n  step a = {\n    do g()\n  }\n}", "flow f() {\n  step a = sequence {\n    do g()\n  }\n}"),
        ('import http from "http"', "import http"),
        ('import a from "./a"', 'import "a.flow" as a'),
        ("from http import get\n", "import http\n"),
        ("flow my-flow() { }\n", "flow my_flow() { }\n"),
        ("flow f() {\n  if a then { }\n}\n", "flow f() {\n  if a { }\n}\n"),
        ("flow f() {\n  for each x in xs { }\n}\n", "flow f() {\n  for x in xs { }\n}\n"),
        ("flow f() {\n  step = g()\n}\n", "flow f() {\n  do g()\n}\n"),
        ("flow f() {\n  step x g()\n}\n", "flow f() {\n  step x = g()\n}\n"),
        ("let n int = 1\n", "let n: int = 1\n"),
        ("flow f() {\n  ensure a, 'no'\n}\n", "flow f() {\n  ensure a else 'no'\n}\n"),
        ("flow f() {\n  @retry 3\n  do g()\n}\n", "flow f() {\n  @retry(attempts=3)\n  do g()\n}\n"),
        ("type T {\n  a: int;\n}\n", "type T {\n  a: int\n}\n"),
        ("let a = { b: 1; c: 2 }\n", "let a = { b: 1, c: 2 }\n"),
        ("flow f() {\n  fail 'no' # why\n}\n", "flow f() {\n  do fail('no') # why\n}\n"),
        ("flow f() {\n  throw new Error('no')\n}\n", "flow f() {\n  do fail('no')\n}\n"),
        ("flow f() {\n  step a = g 'no'\n}\n", "flow f() {\n  step a = g('no')\n}\n"),
        ("flow f() {\n  await g()\n}\n", "flow f() {\n  do g()\n}\n"),
        ("flow f() {\n  let a = await g()\n}\n", "flow f() {\n  step a = g()\n}\n"),
        ("flow f() {\n  async step a = g()\n}\n", "flow f() {\n  step a = g()\n}\n"),
        ("flow f() {\n  time.sleep(5)\n}\n", "flow f() {\n  do wait(5s)\n}\n"),
        ("flow f() {\n  do g() catch (e) { }\n}\n", "flow f() {\n  do g() catch as e { }\n}\n"),
        ("flow f() {\n  do g() catch ( http, fault ) { }\n}\n", "flow f() {\n  do g() catch http, fault { }\n}\n"),
        ("export flow f() { }\n", "flow f() { }\n"),
        ("def f() {\n  return 1\n}\n", "flow f() {\n  return 1\n}\n"),
        ('import { get as g, post } from "http"  # why\n', "import http  # why\n"),
        ("import * as http from 'http'\n", "import http\n"),
        ("import time as t, http # why\n", "import time as t\nimport http # why\n"),
        ('require("http")\n', "import http\n"),
        ('const http = require("http");\n', "import http\n"),
        ("import './a/b-c.flow'\n", "import './a/b-c.flow' as b_c\n"),
        ('import "http"\n', "import http\n"),
        ("import lib.flow as l\n", 'import "lib.flow" as l\n'),
        ("from http import get as g, post  # why\n", "import http  # why\n"),
        ("flow f() {\n  do g() catch http { 'x' }\n}\n", "flow f() {\n  do g() catch http { yield 'x' }\n}\n"),
        ("flow f() -> string { 'x' }\n", "flow f() -> string { return 'x' }\n"),
        ("flow f() {\n  step a: g(1).json\n}\n", "flow f() {\n  step a = g(1).json\n}\n"),
        ("function f(a: int) -> int { return a + 1 }\n", "function f(a: int) -> int = a + 1\n"),
        ("function f(a: int) -> int {\n  return a + 1\n}\n", "function f(a: int) -> int = a + 1\n"),
        ("action f(a: int) -> int {\n  python('m:f')\n}\n", "action f(a: int) -> int = python('m:f')\n"),
        ("flow f {\n  do g()\n}\n", "flow f() {\n  do g()\n}\n"),
        ("flow f(a = 1) {\n  do g(a)\n}\n", "flow f(a: int = 1) {\n  do g(a)\n}\n"),
        (
            "flow f() {\n  do g()\n    catch http as e if e.a { }\n}\n",
            "flow f() {\n  do g()\n    catch http as e when e.a { }\n}\n",
        ),
        ("flow f() {\n  step b = g()\n    depends_on a\n}\n", "flow f() {\n  step b = g()\n    after a\n}\n"),
        ("flow f() {\n  for x in xs do { }\n}\n", "flow f() {\n  for x in xs { }\n}\n"),
        ("let a = [1, 2,, 3]\n", "let a = [1, 2, 3]\n"),
        ("let a = 5 s\n", "let a = 5s\n"),
        ("retry('fixed')\nservice s { a = 1 }", "@retry('fixed')\nservice s { a = 1 }"),
    ],
)
def test_a_fix_makes_it_ours(text: str, fixed: str) -> None:
    (found,) = parse(Source("x.flow", text)).diagnostics
    for edit in sorted(found.fixes[0].edits, key=lambda edit: -edit.span.start):
        text = text[: edit.span.start] + edit.text + text[edit.span.end :]
    assert text == fixed
    assert not parse(Source("x.flow", text)).diagnostics


@pytest.mark.parametrize(("call", "safe"), [("sleep(5)", False), ("delay(500)", False), ("sleep(5s)", True)])
def test_a_number_without_a_unit_is_not_known_to_be_seconds(call: str, safe: bool) -> None:
    found = parse(Source("f.flow", f"flow f() {{\n  {call}\n}}\n")).diagnostics
    assert [fix.safe for each in found for fix in each.fixes] == [safe]


@pytest.mark.parametrize(("value", "help"), [("s->json", "`s.name`"), ("g()->json", "`….name`"), ("g() -> json", "")])
def test_an_arrow_is_a_dot_only_where_it_joins_two_words(value: str, help: str) -> None:
    (found,) = parse(Source("f.flow", f"flow f() {{\n  step x = {value}\n}}\n")).diagnostics
    assert (help in found.help, bool(found.help), bool(found.fixes)) == (True, bool(help), bool(help))


@pytest.mark.parametrize("line", ["import lib.tools", "from lib.tools import score"])
def test_what_may_be_no_file_is_not_imported_by_a_fix(line: str) -> None:
    (found,) = parse(Source("x.flow", f"{line}\n")).diagnostics
    assert not found.fixes
