-- Starts the language server for flow buffers; where it cannot, says so once.
if vim.g.loaded_flowlang then
  return
end
vim.g.loaded_flowlang = true

local missed = false

vim.api.nvim_create_autocmd('FileType', {
  group = vim.api.nvim_create_augroup('flowlang', {}),
  pattern = 'flow',
  callback = function(event)
    local program = require('flowlang.program')
    local found = program.of(vim.api.nvim_buf_get_name(event.buf))
    if found then
      require('flowlang.commands').register()
      vim.lsp.start({
        name = 'flowlang',
        cmd = { found, 'lsp' },
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
