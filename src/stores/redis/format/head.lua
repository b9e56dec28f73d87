-- The line of JSON in a body (body.ts), read as text: what is wrong in it must not stop a script half way.
-- gives: scopesIn

-- Where the text of JSON ends that begins there: behind its quotation mark; nil: nowhere.
local function endOfText(line, at)
  while true do
    local place, sign = string.match(line, '^[^"\\]*()(["\\])', at + 1)
    if sign == '"' then return place + 1 end
    if not place then return nil end
    -- What follows a backslash ends nothing.
    at = place + 1
  end
end

-- Where the cell of a list ends that begins there, before what divides it from the next one; nil: nowhere.
local function endOfCell(line, at)
  local depth = 0
  while at do
    local place, sign = string.match(line, '^[^"%[%]{},]*()(["%[%]{},])', at)
    if not place then return nil end
    if sign == '"' then
      at = endOfText(line, place)
    else
      local isEnd = sign == ']' or sign == '}'
      if depth == 0 and (isEnd or sign == ',') then return place end
      if isEnd then depth = depth - 1 elseif sign ~= ',' then depth = depth + 1 end
      at = place + 1
    end
  end
end

local escapes = {
  b = '\\u0008', f = '\\u000c', n = '\\u000a', r = '\\u000d', t = '\\u0009', ['\\'] = '\\u005c', ['"'] = '"', ['/'] = '/',
}

-- Nothing else is written by its number than control characters, and halves of surrogate pairs, which are none.
local function characterOf(code)
  local number = tonumber(code, 16)
  return number < 128 and string.char(number) or '\239\191\189'
end

local function textIn(line, from, behind)
  local text = string.match(string.sub(line, from, behind - 1), '^"(.*)"$') or ''
  if not string.find(text, '\\', 1, true) then return text end
  return (string.gsub(string.gsub(text, '\\([^u])', escapes), '\\u(%x%x%x%x)', characterOf))
end

-- The cells, from the first one, that tell under which keys a job is counted.
local domainCell, limitCell = 1, 7

-- The domain and the limit that a body tells; '' where it tells none, or was damaged. Whatever stands in it, nothing fails.
function scopesIn(body)
  local line, at = string.match(body, '^%a%[([^\n]*)') or '', 1
  local domain, limit = '', ''
  for cell = 1, limitCell do
    local behind = endOfCell(line, at)
    if not behind then break end
    if cell == domainCell then domain = textIn(line, at, behind) end
    if cell == limitCell then limit = textIn(line, at, behind) end
    at = behind + 1
  end
  return domain, limit
end
