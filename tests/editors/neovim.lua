-- What a user does with the plug-in as it is shipped, in a.flow; what is seen is printed. Between the gestures the main
-- loop of Neovim runs, so that its events come as they come to a person.
local function say(...)
  io.stdout:write(table.concat({ ... }, ' '), '\n')
end

local function go(this)
  local ok, problem = coroutine.resume(this)
  if not ok then
    say(problem)
    vim.cmd('cq!')
  end
end

local function wait_for(what, holds)
  local this, deadline = coroutine.running(), vim.uv.now() + 60000
  while not holds() do
    assert(vim.uv.now() < deadline, 'no ' .. what)
    vim.defer_fn(function()
      go(this)
    end, 20)
    coroutine.yield()
  end
end

local function line(number)
  return vim.api.nvim_buf_get_lines(0, number - 1, number, false)[1]
end

-- The cursor on the first letter of a text, counted in bytes.
local function stand_on(number, text)
  vim.api.nvim_win_set_cursor(0, { number, assert(line(number):find(text, 1, true)) - 1 })
end

-- What is shown behind a line besides its text.
local function behind(number)
  local shown = {}
  for _, mark in ipairs(vim.api.nvim_buf_get_extmarks(0, -1, { number - 1, 0 }, { number - 1, -1 }, { details = true })) do
    local name = mark[4].virt_text and mark[4].virt_text[1][2] or ''
    for _, chunk in ipairs(name:find('^LspCodeLens') and mark[4].virt_text or {}) do
      shown[#shown + 1] = chunk[1]
    end
  end
  return table.concat(shown)
end

local function floating()
  for _, window in ipairs(vim.api.nvim_list_wins()) do
    if vim.api.nvim_win_get_config(window).relative ~= '' then
      return window
    end
  end
end

local function choose(title)
  vim.ui.select = function(options, settings, on_choice)
    for _, option in ipairs(options) do
      if settings.format_item(option):find('^' .. title) then
        return on_choice(option)
      end
    end
    error('nothing offers ' .. title)
  end
end

local function findings()
  wait_for('finding', function()
    return #vim.diagnostic.get(0) == 1
  end)
  local found = vim.diagnostic.get(0)[1]
  say('found', found.code, line(found.lnum + 1):sub(found.col + 1, found.end_col))
end

local function hover()
  stand_on(7, '~ b')
  vim.cmd('normal! W')
  vim.lsp.buf.hover()
  wait_for('hover', floating)
  say('hover', table.concat(vim.api.nvim_buf_get_lines(vim.api.nvim_win_get_buf(floating()), 0, -1, false), ' '))
  vim.api.nvim_win_close(floating(), true)
end

local function edits()
  vim.lsp.buf.rename('whole')
  wait_for('rename', function()
    return line(7):find('whole')
  end)
  say('renamed', line(7))
  vim.lsp.buf.format()
  say('formatted', line(7))
  stand_on(6, 'amuont')
  vim.lsp.buf.code_action({
    apply = true,
    context = { only = { 'quickfix' } },
    filter = function(action)
      return action.title:find('^Write')
    end,
  })
  wait_for('fix', function()
    return not line(6):find('amuont')
  end)
  say('fixed', line(6))
  wait_for('end of the finding', function()
    return #vim.diagnostic.get(0) == 0
  end)
end

local function lenses()
  wait_for('lens', function()
    return behind(5) ~= ''
  end)
  say('lenses', behind(5))
  vim.api.nvim_buf_set_lines(0, -1, -1, false, { 'flow g() -> string {', '  step said = f(amount=1)', '  return said', '}' })
  wait_for('lens of what was added', function()
    return behind(10) ~= ''
  end)
  wait_for('new count', function()
    return behind(5):find('1 use ')
  end)
  say('added', behind(10))
end

local function runs()
  stand_on(5, 'flow f')
  choose('Run')
  vim.ui.input = function(_, on_answer)
    on_answer('--input amount=5')
  end
  vim.lsp.codelens.run()
  local function printed()
    return table.concat(vim.api.nvim_buf_get_lines(0, 0, -1, false), '\n')
  end
  wait_for('end of the run', function()
    return vim.bo.buftype == 'terminal' and printed():find('Process exited', 1, true)
  end)
  say('ran', (printed():gsub('\n', ' ')))
  vim.cmd('bwipeout!')
end

local function shows()
  wait_for('lens after coming back', function()
    return behind(5) ~= ''
  end)
  stand_on(5, 'flow f')
  choose('Show graph')
  vim.lsp.codelens.run()
  wait_for('graph', function()
    return vim.bo.filetype == 'mermaid'
  end)
  say('graph', line(1))
end

-- What has no file yet, beside one that has.
local function unnamed()
  vim.cmd('silent only | enew | set filetype=flow')
  local text = { 'flow f(amount: int) -> string {', '  let b = "😀 {{ amuont }}"', '  let ccc = "😀" ~ b', '  return ccc', '}' }
  vim.api.nvim_buf_set_lines(0, 0, -1, false, text)
  wait_for('finding in a buffer without a name', function()
    return #vim.diagnostic.get(0) == 1
  end)
  local found = vim.diagnostic.get(0)[1]
  say('unnamed', found.code, line(found.lnum + 1):sub(found.col + 1, found.end_col))
  stand_on(2, 'amuont')
  vim.lsp.buf.code_action({
    apply = true,
    context = { only = { 'quickfix' } },
    filter = function(action)
      return action.title:find('^Write')
    end,
  })
  wait_for('fix in a buffer without a name', function()
    return not line(2):find('amuont') and #vim.diagnostic.get(0) == 0
  end)
  stand_on(3, 'b')
  vim.lsp.buf.rename('bbb')
  wait_for('rename in a buffer without a name', function()
    return line(3):find('~ bbb')
  end)
  say('unnamed', line(2), line(3))
  local told
  vim.notify = function(message)
    told = message
  end
  vim.lsp.commands['flowlang.run']({ arguments = { vim.uri_from_bufnr(0), 'f' } })
  say('unnamed', told)
  vim.cmd('silent write b.flow')
  vim.api.nvim_buf_set_lines(0, 2, 3, false, { '  let ccc = "😀" ~ bbbb' })
  wait_for('finding in a buffer that was given a name', function()
    return #vim.diagnostic.get(0) > 0 and vim.diagnostic.get(0)[1].code == 'unknown-name'
  end)
  say('named', vim.fn.fnamemodify(vim.uri_to_fname(vim.uri_from_bufnr(0)), ':t'))
end

go(coroutine.create(function()
  for _, gesture in ipairs({ findings, hover, edits, lenses, runs, shows, unnamed }) do
    gesture()
  end
  vim.cmd('qa!')
end))
