[
  (config)
  (type_declaration)
  (settings)
  (body)
  (match)
  (map)
  (list)
  (comprehension)
  (arguments)
  (parameters)
  (record_type)
] @fold

((string) @fold (#match? @fold "^\"\"\""))
