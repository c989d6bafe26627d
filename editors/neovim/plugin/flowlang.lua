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

vim.api.nvim_create_autocmd('FileType', {
  group = vim.api.nvim_create_augroup('flowlang', {}),
  pattern = 'flow',
  callback = function(event)
    local program = require('flowlang.program')
    local found = program.of(vim.api.nvim_buf_get_name(event.buf))
    if found then
      require('flowlang.commands').register()
      local unnamed = require('flowlang.unnamed')
      unnamed.follow()
      vim.lsp.start({
        name = 'flowlang',
        cmd = { found, 'lsp' },
        handlers = { ['textDocument/diagnostic'] = unnamed.diagnostic },
        root_dir = vim.fs.root(event.buf, { 'flowlang.toml', 'pyproject.toml', '.git' }),
        on_attach = function(_, buffer)
          require('flowlang.lenses').follow(buffer)
        end,
      }, { bufnr = event.buf })
    elseif not missed then
      missed = true
      vim.notify(program.MISSING, vim.log.levels.WARN)
    end
  end,
})
