; From the general to the particular: where two patterns meet, the later wins in Neovim and in Helix since 25.07. They meet
; only in calls of fields, as older editors take the earlier.

; Names of what is declared and used

(type_name ["none" "null"] @type.builtin)
((type_name (identifier) @type)
  (#not-any-of? @type
    "string" "int" "float" "bool" "datetime" "date" "duration" "url" "secret" "bytes" "any" "never" "list" "map"))
((type_name (identifier) @type.builtin)
  (#any-of? @type.builtin
    "string" "int" "float" "bool" "datetime" "date" "duration" "url" "secret" "bytes" "any" "never" "list" "map"))
(type_declaration name: (identifier) @type)
(type_parameters (identifier) @type)

(import module: (identifier) @module)
(import alias: (identifier) @module)
(service name: (identifier) @module)

(flow name: (identifier) @function)
(action name: (identifier) @function)
(function name: (identifier) @function)
(trigger_declaration name: (identifier) @function)
(trigger name: (identifier) @function)
(annotation_declaration name: (identifier) @attribute)
(target (identifier) @attribute)
(annotation "@" @attribute name: (identifier) @attribute)

(parameter name: (identifier) @variable.parameter)
(named_argument name: (identifier) @variable.parameter)
(field name: (identifier) @property)
(setting name: (identifier) @property)
(entry key: (identifier) @property)
(attribute name: (identifier) @property)
(error_kind (identifier) @constant)

(call function: (identifier) @function.call)
(call function: (attribute name: (identifier) @function.call))
(filter name: (identifier) @function.call)
(filter name: (dotted (identifier) @function.call))
(type_test name: (identifier) @function.call)
(type_test name: (dotted (identifier) @function.call))

; Words

["import" "from" "as"] @keyword.import
["config" "let" "service" "test" "mock" "trigger" "annotation" "on" "step" "do" "with" "native" "python"] @keyword
"type" @keyword.type
["flow" "action" "function"] @keyword.function
["return" "yield" "next"] @keyword.return
["if" "else" "match" "case" "when"] @keyword.conditional
["for" "repeat" "until" "every"] @keyword.repeat
["after" "parallel" "race" "sequence"] @keyword.coroutine
["ensure" "catch" "undo"] @keyword.exception
["and" "or" "not" "in" "is"] @keyword.operator
(boolean) @boolean
(literal_type ["true" "false"] @boolean)
(none) @constant.builtin

; Signs

["+" "-" "*" "**" "/" "//" "%" "~" "==" "!=" "<" "<=" ">" ">=" "=" "|" "->"] @operator
(optional_type "?" @operator)
["." "?." "," ":"] @punctuation.delimiter
["(" ")" "[" "]" "{" "}"] @punctuation.bracket

; Values

(number) @number
(duration) @number
(string) @string
(escape) @string.escape
(interpolation ["{{" "}}"] @punctuation.special)
(interpolation) @none

((comment) @comment (#not-match? @comment "^##"))
((comment) @comment.documentation (#match? @comment.documentation "^##"))
