-- Results of the history with no more of their output than is kept of it (core/output.ts).
-- gives: cutResult, cutAttempt

-- The end of a text's first so many bytes, where a character ends (RFC 3629: further bytes of one are 128 to 191).
local function characterEnd(text, last, least)
  while last > least do
    local byte = string.byte(text, last + 1)
    if not byte or byte < 128 or byte > 191 then break end
    last = last - 1
  end
  return last
end

-- A whole result: its line and its output (result.ts). One that is longer is marked as cut in its line.
function cutResult(result, keep)
  local line = string.find(result, '\n', 1, true)
  if not line or #result - line <= keep then return result end
  local marked = string.gsub(string.sub(result, 1, line), '^(%[[^,]*,)0', '%11')
  return marked .. string.sub(result, line + 1, characterEnd(result, line + keep, line))
end

-- An attempt of the history (attempt.lua).
function cutAttempt(text, keep)
  local words = string.find(text, '\n', 1, true)
  if not words then return text end
  -- Few are longer than that.
  if #text - words <= keep then return text end
  return string.sub(text, 1, words) .. cutResult(string.sub(text, words + 1), keep)
end
