; Each body is a scope; its steps and lets are seen in all of it, whatever the order of the lines.

[
  (flow)
  (function)
  (body)
  (for)
  (repeat)
  (catch)
  (comprehension)
] @local.scope

(parameter name: (identifier) @local.definition.parameter)
(step name: (identifier) @local.definition.var)
(let name: (identifier) @local.definition.var)
(for name: (identifier) @local.definition.var)
(comprehension name: (identifier) @local.definition.var)
(repeat name: (identifier) @local.definition.var)
(catch name: (identifier) @local.definition.var)

(import module: (identifier) @local.definition.import)
(import alias: (identifier) @local.definition.import)
(type_declaration name: (identifier) @local.definition.type)
(service name: (identifier) @local.definition.namespace)
(flow name: (identifier) @local.definition.function)
(action name: (identifier) @local.definition.function)
(function name: (identifier) @local.definition.function)

(identifier) @local.reference
