if vim.fn.has('nvim-0.8') == 1 then
  vim.filetype.add({ extension = { flow = 'flow' } })
else
  vim.cmd('autocmd BufRead,BufNewFile *.flow setfiletype flow')
end
