-- Jobs as Node reads them (record.ts): each its id, its record and its body, then its result if it has one; with their
-- long texts also the payload and the output that do not stand in body and result.
local function longTexts(bodies, texts)
  local names = {}
  for i, id in ipairs(bodies.ids) do
    if string.byte(bodies[i]) == 108 then names[#names + 1] = id .. 'p' end
    if string.byte(texts[i], 3) == 50 then names[#names + 1] = id .. 'o' end
  end
  local found = {}
  for i, text in ipairs(ask('HMGET', key.texts, names)) do found[names[i]] = text end
  return found
end

local function resultsOf(ids, texts)
  local withResult = {}
  for i, id in ipairs(ids) do
    if string.byte(texts[i], 3) ~= 48 then withResult[#withResult + 1] = id end
  end
  local found = {}
  for i, result in ipairs(ask('HMGET', key.results, withResult)) do found[withResult[i]] = result end
  return found
end

-- Appends the jobs to `shown`; `texts` are their records.
local function showTexts(shown, ids, texts, withLong)
  local bodies = ask('HMGET', key.bodies, ids)
  bodies.ids = ids
  local results = resultsOf(ids, texts)
  local long = withLong and longTexts(bodies, texts) or {}
  local count = #shown
  for i, id in ipairs(ids) do
    shown[count + 1], shown[count + 2], shown[count + 3] = id, texts[i], bodies[i]
    count = count + 3
    for _, more in ipairs({ results[id] or false, long[id .. 'p'] or false, long[id .. 'o'] or false }) do
      if more then
        count = count + 1
        shown[count] = more
      end
    end
  end
  return shown
end

-- Appends those of the jobs that there are.
local function showJobs(shown, ids, withLong)
  local there, texts = {}, {}
  for i, text in ipairs(ask('HMGET', key.jobs, ids)) do
    if text then
      there[#there + 1] = ids[i]
      texts[#texts + 1] = text
    end
  end
  return showTexts(shown, there, texts, withLong)
end

local function show(ids, withLong)
  return showJobs({}, ids, withLong)
end
