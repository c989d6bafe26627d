-- Starts the language server for flow buffers; where it cannot, says so once.
if vim.g.loaded_flowlang then
  return
end
vim.g.loaded_flowlang = true

if vim.fn.has('nvim-0.10') == 0 then
  local why = 'flowlang: this Neovim gets colours and indentation only; the language server needs 0.10 or newer'
  vim.cmd(("autocmd FileType flow ++once lua vim.notify('%s', vim.log.levels.WARN)"):format(why))
  return
end

local missed = false

local function serve(buffer)
  local program = require('flowlang.program')
  local found = program.of(vim.api.nvim_buf_get_name(buffer))
  if found then
    local unnamed = require('flowlang.unnamed')
    require('flowlang.commands').register()
    unnamed.follow(buffer, serve)
    vim.lsp.start({
      name = 'flowlang',
      cmd = { found, 'lsp' },
      handlers = { ['textDocument/diagnostic'] = unnamed.diagnostic },
      root_dir = vim.fs.root(buffer, { 'flowlang.toml', 'pyproject.toml', '.git' }),
      on_attach = function(_, attached)
        require('flowlang.lenses').follow(attached)
      end,
    }, { bufnr = buffer })
  elseif not missed then
    missed = true
    vim.notify(program.MISSING, vim.log.levels.WARN)
  end
end

vim.api.nvim_create_autocmd('FileType', {
  group = vim.api.nvim_create_augroup('flowlang', {}),
  pattern = 'flow',
  callback = function(event)
    serve(event.buf)
  end,
})
