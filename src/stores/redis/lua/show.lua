-- Jobs as Node reads them (record.ts): texts of one or more jobs, each its id, its record and its body. Jobs that begin
-- together have one record: it stands with the first of them. A job that has a result is the last of its text, and so is one
-- with long texts, if they are asked for: these follow.
-- gives: showTexts, showJobs, show
local separator = '\30'
-- Of a job that has lost its own: one that cannot be shown would be in the way of all others (body.ts).
local noBody = 'n["","","","",[null,1,0,0,0,0],null]\n'
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
  -- Each part by itself: a text that is made costs by its length, and this one is made once for all.
  local parts, n, before, result = {}, 0, nil, nil
  for i = 1, #ids do
    local id, record, body = ids[i], records[i], bodies[i] or noBody
    if n > 0 then
      n = n + 1
      parts[n] = separator
    end
    if record == before then
      parts[n + 1], parts[n + 2], parts[n + 3] = id, '\n', body
      n = n + 3
    else
      parts[n + 1], parts[n + 2], parts[n + 3], parts[n + 4], parts[n + 5] = id, ' ', record, '\n', body
      n, before, result = n + 5, record, string.byte(record, 3)
    end
    local isLong = string.byte(body) == longPayload
    if result ~= noResult or isLong then
      shown[#shown + 1] = table.concat(parts, '', 1, n)
      n, before = 0, nil
      showMore(shown, id, result ~= noResult, withLong and isLong, withLong and result == longOutput)
    end
  end
  if n > 0 then shown[#shown + 1] = table.concat(parts, '', 1, n) end
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
