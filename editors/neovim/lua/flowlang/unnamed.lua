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

--- From now on edits of such a buffer are made in it.
function M.follow()
  if is_followed then
    return
  end
  is_followed = true
  local named = vim.uri_to_bufnr
  vim.uri_to_bufnr = function(uri)
    return uri == M.URI and meant() or named(uri)
  end
end

return M
