-- Settings of a buffer with a flow. With the tree-sitter parser installed it colours and folds, else syntax/flow.vim does.
vim.bo.commentstring = '# %s'
vim.bo.comments = ':##!,:##,:#'
vim.bo.expandtab = true
vim.bo.shiftwidth = 2
vim.bo.softtabstop = 2
vim.bo.indentexpr = "v:lua.require'flowlang.indent'.of(v:lnum)"
vim.bo.indentkeys = '0},0),0],!^F,o,O,0=after,0=when,0=until,0=ensure,0=catch,0=undo'

if pcall(vim.treesitter.start, 0, 'flow') then
  vim.opt_local.foldmethod = 'expr'
  vim.opt_local.foldexpr = 'v:lua.vim.treesitter.foldexpr()'
  vim.opt_local.foldlevel = 99 -- all open at first
end

vim.b.undo_ftplugin = (vim.b.undo_ftplugin and vim.b.undo_ftplugin .. ' | ' or '')
  .. 'setlocal commentstring< comments< expandtab< shiftwidth< softtabstop< indentexpr< indentkeys< foldmethod< foldexpr< foldlevel<'
