-- Keeps the code lenses of a buffer as its text is. Neovim does so itself since 0.12; before, it asks when it is told to.
local M = {}

function M.follow(buffer)
  if vim.lsp.codelens.enable then
    vim.lsp.codelens.enable(true, { bufnr = buffer })
    return
  end
  local function refresh()
    if vim.tbl_isempty(vim.lsp.get_clients({ bufnr = buffer, name = 'flowlang' })) then
      return true -- the server has gone: an autocommand that says so is deleted
    end
    vim.lsp.codelens.refresh({ bufnr = buffer })
  end
  vim.api.nvim_create_autocmd({ 'BufEnter', 'InsertLeave', 'TextChanged' }, {
    group = vim.api.nvim_create_augroup('flowlang.lenses.' .. buffer, {}),
    buffer = buffer,
    callback = refresh,
  })
  refresh()
end

return M
