-- Buffers without a name. Their URI is `file://`, which Neovim itself takes for the file `/`: neither what is found in them
-- nor what is to be changed would reach them.
local M = {}

M.URI = 'file://'
local is_followed = false

local function is_unnamed(buffer)
  return vim.api.nvim_buf_is_loaded(buffer) and vim.api.nvim_buf_get_name(buffer) == '' and vim.bo[buffer].filetype == 'flow'
end

--- The buffer that is meant: the current one, else any without a name.
local function meant()
  local current = vim.api.nvim_get_current_buf()
  return is_unnamed(current) and current or vim.iter(vim.api.nvim_list_bufs()):find(is_unnamed)
end

--- A place as Neovim counts; the server counts in units of UTF-16.
local function place(buffer, at)
  local line = vim.api.nvim_buf_get_lines(buffer, at.line, at.line + 1, false)[1] or ''
  if vim.fn.has('nvim-0.11') == 1 then
    return at.line, vim.str_byteindex(line, 'utf-16', at.character, false)
  end
  return at.line, vim.str_byteindex(line, math.min(at.character, select(2, vim.str_utfindex(line))), true)
end

--- Show what was found in a buffer without a name there, anything else as Neovim does.
function M.diagnostic(problem, result, context, config)
  if context.params.textDocument.uri ~= M.URI or not (result and result.items) then
    return vim.lsp.diagnostic.on_diagnostic(problem, result, context, config)
  end
  local found = vim.tbl_map(function(each)
    local line, column = place(context.bufnr, each.range.start)
    local end_line, end_column = place(context.bufnr, each.range['end'])
    return {
      lnum = line,
      col = column,
      end_lnum = end_line,
      end_col = end_column,
      severity = each.severity,
      message = each.message,
      source = each.source,
      code = each.code,
      _tags = vim.list_contains(each.tags or {}, 1) and { unnecessary = true } or nil,
      user_data = { lsp = each },
    }
  end, result.items)
  vim.diagnostic.set(vim.lsp.diagnostic.get_namespace(context.client_id, true), context.bufnr, found)
end

-- Ask for what is found in a buffer when its text changes, where Neovim does so no more.
local function ask_again(buffer)
  if #vim.api.nvim_get_autocmds({ event = 'LspNotify', buffer = buffer }) > 0 then
    return
  end
  vim.api.nvim_create_autocmd('LspNotify', {
    buffer = buffer,
    callback = function(event)
      local client = vim.lsp.get_client_by_id(event.data.client_id)
      local tells = event.data.method == 'textDocument/didOpen' or event.data.method == 'textDocument/didChange'
      if client and client.name == 'flowlang' and tells then
        local asked = { textDocument = { uri = vim.uri_from_bufnr(buffer) } }
        -- Neovim 0.11 made it a method.
        if vim.fn.has('nvim-0.11') == 1 then
          client:request('textDocument/diagnostic', asked, nil, buffer)
        else
          client.request('textDocument/diagnostic', asked, nil, buffer)
        end
      end
    end,
  })
end

-- A buffer that `:write` gives a name is one that is deleted and one that is added, says Neovim, and drops its
-- autocommands: what served the old one would say nothing of the new one.
local function serve_anew(buffer, serve)
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = buffer, name = 'flowlang' })) do
    vim.lsp.buf_detach_client(buffer, client.id)
  end
  vim.schedule(function()
    if vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'flow' then
      ask_again(buffer)
      serve(buffer)
    end
  end)
end

--- From now on edits of such a buffer are made in it, and it is served under its name once it has one.
function M.follow(buffer, serve)
  if not is_followed then
    is_followed = true
    local named = vim.uri_to_bufnr
    vim.uri_to_bufnr = function(uri)
      return uri == M.URI and meant() or named(uri)
    end
  end
  if vim.api.nvim_buf_get_name(buffer) == '' then
    vim.api.nvim_create_autocmd({ 'BufDelete', 'BufFilePre' }, {
      group = vim.api.nvim_create_augroup('flowlang.unnamed.' .. buffer, {}),
      buffer = buffer,
      nested = true,
      callback = function()
        serve_anew(buffer, serve)
      end,
    })
  end
end

return M
