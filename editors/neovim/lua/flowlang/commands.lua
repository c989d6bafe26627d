-- What the code lenses of the language server do on this side: run a flow in a terminal, show its graph as text.
local M = {}

--- Run a flow, as it is written now, in a terminal below; its inputs are asked for.
function M.run(uri, flow)
  if uri == require('flowlang.unnamed').URI then
    vim.notify('Save the flow first: what is run is a file.', vim.log.levels.WARN)
    return
  end
  local file = vim.uri_to_fname(uri)
  local finding = require('flowlang.program')
  local program = finding.of(file)
  if not program then
    vim.notify(finding.MISSING, vim.log.levels.WARN)
    return
  end
  vim.ui.input({ prompt = 'flowlang run ' .. flow .. ' ', default = '' }, function(options)
    if options == nil then
      return
    end
    vim.api.nvim_buf_call(vim.uri_to_bufnr(uri), function()
      vim.cmd('silent update')
    end)
    local command = vim.tbl_map(vim.fn.shellescape, { program, 'run', file, '--flow', flow })
    vim.cmd('botright split | terminal ' .. vim.fn.escape(table.concat(command, ' ') .. ' ' .. options, '%#!|'))
  end)
end

--- Show the graph of a flow in a buffer beside, as Mermaid text.
function M.show_graph(client, uri, flow)
  -- Neovim 0.11 made it a method.
  local ask = vim.fn.has('nvim-0.11') == 1 and function(...)
    return client:request(...)
  end or client.request
  ask('flowlang/graph', { textDocument = { uri = uri }, flow = flow }, function(problem, graph)
    if problem or not graph then
      vim.notify('No graph: ' .. (problem and problem.message or 'the file has errors'), vim.log.levels.WARN)
      return
    end
    vim.cmd('botright vnew')
    vim.api.nvim_buf_set_lines(0, 0, -1, false, vim.split(graph.mermaid, '\n', { trimempty = true }))
    vim.bo.buftype, vim.bo.bufhidden, vim.bo.swapfile, vim.bo.modifiable = 'nofile', 'wipe', false, false
    vim.bo.filetype = 'mermaid'
  end, 0)
end

--- Tell the language client of Neovim about them.
function M.register()
  vim.lsp.commands['flowlang.run'] = function(command)
    M.run(command.arguments[1], command.arguments[2])
  end
  vim.lsp.commands['flowlang.showGraph'] = function(command, context)
    local client = assert(vim.lsp.get_client_by_id(context.client_id))
    M.show_graph(client, command.arguments[1], command.arguments[2])
  end
  -- A lens that only says something, like the count of uses, has no command.
  vim.lsp.commands[''] = vim.lsp.commands[''] or function() end
end

return M
