-- The record of a job that ends, rewritten without being taken apart (record.lua).
-- gives: endedText

-- `rest`: what a held record says behind its reason.
function endedText(state, result, fence, ended, reason, rest)
  return state .. ' ' .. result .. ' ' .. fence .. ' ' .. ended .. ' ' .. reason .. ' ' .. rest
end
