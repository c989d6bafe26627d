-- Where the `flowlang` program is: in the nearest `.venv` above a file that has one, else on PATH. What serves also runs.
local M = {}

M.MISSING = "flowlang is neither in .venv nor on PATH. From its checkout: pip install '/path/to/flowlang[lsp]'"

--- The program for a file, also for one without a name yet; nil where there is none.
function M.of(file)
  local place = file ~= '' and file or vim.fn.getcwd()
  for _, environment in ipairs(vim.fs.find('.venv', { path = place, upward = true, limit = math.huge })) do
    local program = vim.fs.joinpath(environment, 'bin', 'flowlang')
    if vim.fn.executable(program) == 1 then
      return program
    end
  end
  local program = vim.fn.exepath('flowlang')
  return program ~= '' and program or nil
end

return M
