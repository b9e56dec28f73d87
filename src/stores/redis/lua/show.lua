-- Jobs as Node reads them (record.ts): each one text of its id, its record and its body, then its result if it has one; with
-- their long texts also the payload and the output that do not stand in body and result.
-- gives: showTexts, showJobs, show
local noResult, longOutput, longPayload = string.byte('0'), string.byte('2'), string.byte('l')

-- Appends what stands behind a job. Few jobs have any of it.
local function showMore(shown, id, hasResult, hasPayload, hasOutput)
  if hasResult then shown[#shown + 1] = call('HGET', key.results, id) end
  if hasPayload then shown[#shown + 1] = call('HGET', key.texts, id .. 'p') end
  if hasOutput then shown[#shown + 1] = call('HGET', key.texts, id .. 'o') end
end

-- Appends the jobs to `shown`; `records` are their texts.
function showTexts(shown, ids, records, withLong)
  local bodies = ask('HMGET', key.bodies, ids)
  for i = 1, #ids do
    local id, record, body = ids[i], records[i], bodies[i]
    shown[#shown + 1] = id .. ' ' .. record .. '\n' .. body
    local result, isLong = string.byte(record, 3), string.byte(body) == longPayload
    if result ~= noResult or isLong then
      showMore(shown, id, result ~= noResult, withLong and isLong, withLong and result == longOutput)
    end
  end
  return shown
end

-- Appends those of the jobs that there are.
function showJobs(shown, ids, withLong)
  local there, records = {}, {}
  for i, record in ipairs(ask('HMGET', key.jobs, ids)) do
    if record then
      there[#there + 1] = ids[i]
      records[#records + 1] = record
    end
  end
  return showTexts(shown, there, records, withLong)
end

function show(ids, withLong)
  return showJobs({}, ids, withLong)
end
