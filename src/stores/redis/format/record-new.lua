-- The record of a job that was never claimed, as a text (record.lua).
-- needs: UNCLAIMED from format/record
-- gives: newText

-- `fixed` is its lane, its priority, what to do when its holder is lost, and its owner (record.ts `fixedWords`).
function newText(state, fixed, due)
  return state .. UNCLAIMED .. fixed .. ' ' .. due .. ' 1 0'
end
