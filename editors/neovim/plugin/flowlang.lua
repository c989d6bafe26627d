-- Starts the language server for flow buffers. It is looked for in the `.venv` of the project, then on PATH.
if vim.g.loaded_flowlang then
  return
end
vim.g.loaded_flowlang = true

local config = dofile(vim.api.nvim_get_runtime_file('lsp/flowlang.lua', false)[1])
local missed = false

local function program(root)
  local environment = root and vim.fs.joinpath(root, '.venv', 'bin', 'flowlang')
  if environment and vim.fn.executable(environment) == 1 then
    return environment
  end
  return vim.fn.exepath(config.cmd[1]) ~= '' and config.cmd[1] or nil
end

vim.api.nvim_create_autocmd('FileType', {
  group = vim.api.nvim_create_augroup('flowlang', {}),
  pattern = config.filetypes,
  callback = function(event)
    local root = vim.fs.root(event.buf, config.root_markers)
    local found = program(root)
    if found then
      require('flowlang.commands').register()
      vim.lsp.start({ name = 'flowlang', cmd = { found, 'lsp' }, root_dir = root }, { bufnr = event.buf })
    elseif not missed then
      missed = true
      vim.notify("flowlang is neither in .venv nor on PATH. From its checkout: pip install '/path/to/flowlang[lsp]'", vim.log.levels.WARN)
    end
  end,
})
