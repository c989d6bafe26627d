-- The language server, as Neovim 0.11 reads it; plugin/flowlang.lua gives the same to 0.10.
return {
  cmd = { 'flowlang', 'lsp' },
  filetypes = { 'flow' },
  root_markers = { 'flowlang.toml', 'pyproject.toml', '.git' },
}
