-- What the line of JSON in a body (body.ts) tells of under which keys its job counts.
-- gives: scopesIn

-- Whatever stands there, nothing fails: a script may have popped jobs already.
local function cellsOf(line)
  local isRead, cells = pcall(cjson.decode, line)
  if not isRead then
    -- Halves of surrogate pairs are what it does not read; a backslash that is meant as one is no beginning of them.
    line = string.gsub(string.gsub(line, '\\\\', '\\u005c'), '\\u[dD][89a-fA-F]%x%x', '\239\191\189')
    isRead, cells = pcall(cjson.decode, line)
  end
  return isRead and type(cells) == 'table' and cells or {}
end

local function textOf(cell)
  return type(cell) == 'string' and cell or ''
end

-- The domain and the limit of a job; '' where its body tells none, or was damaged.
function scopesIn(body)
  local cells = cellsOf(string.match(body, '^.([^\n]*)') or '')
  return textOf(cells[1]), textOf(cells[7])
end
