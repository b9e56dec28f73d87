-- Jobs as Node reads them (show.ts): texts of one or more jobs, each its id, its record and its body. Jobs that begin
-- together have one record: it stands with the first of them. A job that has a result is the last of its text, and so is one
-- with long texts, if they are asked for: these follow.
-- needs: LONG_PAYLOAD, NO_BODY, SEPARATOR from format/body
-- needs: RESULT_AT from format/record
-- needs: NO_RESULT, LONG_OUTPUT from format/result
-- needs: call from frame/time
-- needs: ask from frame/writes
-- gives: showTexts, showJobs
local noResult, longOutput = string.byte(NO_RESULT), string.byte(LONG_OUTPUT)

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
    local id, record, body = ids[i], records[i], bodies[i] or NO_BODY
    if n > 0 then
      n = n + 1
      parts[n] = SEPARATOR
    end
    if record == before then
      parts[n + 1], parts[n + 2], parts[n + 3] = id, '\n', body
      n = n + 3
    else
      parts[n + 1], parts[n + 2], parts[n + 3], parts[n + 4], parts[n + 5] = id, ' ', record, '\n', body
      n, before, result = n + 5, record, string.byte(record, RESULT_AT)
    end
    local isLong = string.byte(body) == LONG_PAYLOAD
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
