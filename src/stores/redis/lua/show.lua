-- Jobs as Node reads them (record.ts): each one text of its id, its record and its body, then its result if it has one; with
-- their long texts also the payload and the output that do not stand in body and result.
-- gives: showTexts, showJobs, show
local noResult, longOutput, longPayload = byte('0'), byte('2'), byte('l')

-- The values of a hash by these fields.
local function found(name, fields)
  local values, byField = ask('HMGET', name, fields), {}
  for i, field in ipairs(fields) do byField[field] = values[i] end
  return byField
end

-- What stands behind the bodies.
local function findMore(ids, texts, bodies, withLong)
  local withResult, withText = {}, {}
  for i, id in ipairs(ids) do
    local result = byte(texts[i], 3)
    if result ~= noResult then withResult[#withResult + 1] = id end
    if withLong and byte(bodies[i]) == longPayload then withText[#withText + 1] = id .. 'p' end
    if withLong and result == longOutput then withText[#withText + 1] = id .. 'o' end
  end
  return { results = found(key.results, withResult), texts = found(key.texts, withText) }
end

local function showMore(shown, last, id, more)
  for _, text in ipairs({ more.results[id] or false, more.texts[id .. 'p'] or false, more.texts[id .. 'o'] or false }) do
    if text then
      last = last + 1
      shown[last] = text
    end
  end
  return last
end

local function isPlain(texts, bodies)
  for i = 1, #texts do
    if byte(texts[i], 3) ~= noResult or byte(bodies[i]) == longPayload then return false end
  end
  return true
end

-- Appends the jobs to `shown`; `texts` are their records.
function showTexts(shown, ids, texts, withLong)
  local bodies = ask('HMGET', key.bodies, ids)
  local more = not isPlain(texts, bodies) and findMore(ids, texts, bodies, withLong)
  local last = #shown
  for i = 1, #ids do
    local id = ids[i]
    last = last + 1
    shown[last] = id .. ' ' .. texts[i] .. '\n' .. bodies[i]
    if more then last = showMore(shown, last, id, more) end
  end
  return shown
end

-- Appends those of the jobs that there are.
function showJobs(shown, ids, withLong)
  local there, texts = {}, {}
  for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
    if text then
      there[#there + 1] = ids[i]
      texts[#texts + 1] = text
    end
  end
  return showTexts(shown, there, texts, withLong)
end

function show(ids, withLong)
  return showJobs({}, ids, withLong)
end
