-- What the line of JSON in a body (body.ts) tells of under which keys its job counts.
-- gives: scopesIn

local quote, backslash = 34, 92

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

-- Where what stands behind a text and a comma begins. nil: there is no text, or a quotation mark in it is perhaps not its end.
local function behindText(line, at)
  if string.byte(line, at) ~= quote then return nil end
  local mark = string.find(line, '",', at + 1, true)
  return mark and string.byte(line, mark - 1) ~= backslash and mark + 2 or nil
end

-- Behind the URL: options without texts, no headers, and the limit.
local plain = '^%[[^%[%]"]*%],null,"([^"\\]*)",'

-- The same without looking into the name, the comment, the URL, and most often what the job is about, which may be long. nil: in one
-- of them stands what could be its end.
local function shortScopesIn(body)
  local domain = string.match(body, '^.%["([^"\\]*)",')
  local at = domain and 6 + #domain
  for _ = 1, 3 do at = at and behindText(body, at) end
  if not at then return nil end
  local limit = string.match(body, plain, at)
  if limit then return domain, limit end
  local last = string.find(body, '\n', at, true)
  if last then return domain, textOf(cellsOf('[' .. string.sub(body, at, last - 1))[3]) end
end

-- The domain and the limit of a job; '' where its body tells none, or was damaged.
function scopesIn(body)
  local domain, limit = shortScopesIn(body)
  if domain then return domain, limit end
  local cells = cellsOf(string.match(body, '^.([^\n]*)') or '')
  return textOf(cells[1]), textOf(cells[7])
end
