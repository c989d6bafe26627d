" Colours of flow files where the tree-sitter parser is not installed.
if exists('b:current_syntax')
  finish
endif

syntax match flowOperator /->\|?\.\|\*\*\|\/\/\|[=!<>]=\|[|+*\/%~<>=?-]/
syntax match flowName /\<\h\w*\>/ contains=flowDeclaration,flowControl,flowClause,flowWord,flowConstant
syntax keyword flowDeclaration import config let type service action function flow annotation trigger test mock step on from native python contained
syntax keyword flowControl if else for match case repeat parallel race sequence do return yield next contained
syntax keyword flowClause after when until every ensure catch undo with as contained
syntax keyword flowWord and or not in is contained
syntax keyword flowConstant true false none null contained
syntax match flowType /\<\u\w*\>/
syntax match flowCall /\<\h\w*\ze(/
syntax match flowKey /\<\h\w*\ze\s*:/
syntax match flowField /\.\s*\h\w*/
syntax match flowArgument /\<\h\w*\ze==\@!/
syntax match flowNumber /\<\d\+\%(\.\d\+\)\?\%([eE][+-]\?\d\+\)\?\>/
syntax match flowDuration /\<\d\+\%(\.\d\+\)\?\%(ms\|[smhd]\)\>/
syntax match flowAnnotation /@\s*\h\w*/

syntax cluster flowValue contains=flowOperator,flowName,flowCall,flowKey,flowField,flowArgument,flowNumber,flowDuration,flowPlain,flowTemplate,flowBraces
syntax region flowBraces start=/{/ end=/}/ contained transparent contains=@flowValue
syntax match flowEscape /\\\%(u{\x*}\|u\x\{4}\|.\)/ contained
syntax region flowHole matchgroup=flowBrace start=/{{/ end=/}}/ contained contains=@flowValue
syntax region flowPlain start=/'/ skip=/\\./ end=/'/ oneline contains=flowEscape
syntax region flowTemplate start=/"/ skip=/\\./ end=/"/ oneline contains=flowEscape,flowHole
syntax region flowLong start=/"""/ skip=/\\./ end=/"""/ contains=flowEscape,flowHole

syntax match flowComment /#.*$/ contains=@Spell
syntax match flowDocumentation /##.*$/ contains=@Spell
syntax sync minlines=200

highlight default link flowDeclaration Statement
highlight default link flowControl Conditional
highlight default link flowClause Keyword
highlight default link flowWord Operator
highlight default link flowOperator Operator
highlight default link flowConstant Constant
highlight default link flowType Type
highlight default link flowCall Function
highlight default link flowKey Identifier
highlight default link flowNumber Number
highlight default link flowDuration Number
highlight default link flowAnnotation PreProc
highlight default link flowEscape SpecialChar
highlight default link flowBrace Special
highlight default link flowPlain String
highlight default link flowTemplate String
highlight default link flowLong String
highlight default link flowComment Comment
highlight default link flowDocumentation SpecialComment

let b:current_syntax = 'flow'
