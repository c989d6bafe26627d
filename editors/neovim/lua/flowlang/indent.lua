-- Indentation while typing, by brackets and clauses; `vim.lsp.buf.format()` writes the canonical style.
local M = {}

local OPEN, CLOSE = { ['('] = true, ['['] = true, ['{'] = true }, { [')'] = true, [']'] = true, ['}'] = true }
local SIGN = '^%s*[|.+*/%%~<>=?-]'
local CONTINUING = {}
for _, word in ipairs({ 'after', 'when', 'until', 'ensure', 'catch', 'undo', 'and', 'or', 'with' }) do
  CONTINUING[word] = true
end

-- The place behind the text of one line whose quote stands at a place; holes count as text.
local function text_end(line, at)
  local quote = line:sub(at, at)
  local here = at + 1
  while here <= #line do
    local char = line:sub(here, here)
    if char == quote then
      return here + 1
    end
    here = here + (char == '\\' and 2 or 1)
  end
  return here
end

-- Read a line: put the brackets that it opens on the stack, take off those that it closes. Gives whether a text of several
-- lines goes on behind it.
local function read(line, number, open, in_text)
  local here = 1
  while true do
    if in_text then
      local _, stop = line:find('"""', here, true)
      if not stop then
        return true
      end
      here, in_text = stop + 1, false
    end
    local at = line:find('["\'#%[%](){}]', here)
    local char = at and line:sub(at, at) or '#'
    if char == '#' then
      return false
    elseif line:sub(at, at + 2) == '"""' then
      here, in_text = at + 3, true
    elseif OPEN[char] then
      here = at + 1
      open[#open + 1] = number
    elseif CLOSE[char] then
      here = at + 1
      open[#open] = nil
    else
      here = text_end(line, at)
    end
  end
end

-- Whether a line is one level deeper than the statement it belongs to. An `ensure` is, unless it is a statement itself.
local function continues(number, line, base)
  local word, rest = line:match('^%s*(%a[%w_]*)(.*)$')
  if not word then
    return line:match(SIGN) ~= nil
  elseif rest:match('^%s*:') or not CONTINUING[word] then
    return false
  elseif word ~= 'ensure' then
    return true
  end
  local above = vim.fn.prevnonblank(number - 1)
  local before = vim.fn.getline(above)
  return vim.fn.indent(above) > base or before:match('^%s*[%])}]') or before:match('^%s*step%s') or before:match('^%s*do%s')
end

--- The indentation of a line, in columns; -1 keeps what it has, as inside of a text.
function M.of(number)
  local open, in_text = {}, false
  for above, line in ipairs(vim.api.nvim_buf_get_lines(0, 0, number - 1, false)) do
    in_text = read(line, above, open, in_text)
  end
  if in_text then
    return -1
  end
  local line, width = vim.fn.getline(number), vim.fn.shiftwidth()
  if #open == 0 then
    return line:match(SIGN) and width or 0
  end
  local base = vim.fn.indent(open[#open])
  if line:match('^%s*[%])}]') then
    return base
  end
  return base + (continues(number, line, base + width) and 2 or 1) * width
end

return M
