-- queues.list: the queues as they stand.
-- needs: READY_COUNT, parseCounts from format/counts
-- needs: DUE_PART from format/record
-- needs: NONE from format/words
-- needs: verbs from frame/tape
-- needs: call, now from frame/time
-- needs: ask from frame/writes

-- More priorities than this in one lane are not asked, and of each only the first jobs; so many jobs are read at once.
local mostPriorities, firstOfEach, atOnce = 32, 4, 32

-- When the oldest of a lane's ready jobs was due.
local function oldestIn(lane)
  local oldest, score, priorities = math.huge, '-inf', 0
  repeat
    local found = call('ZRANGEBYSCORE', key.lane .. lane, score, '+inf', 'WITHSCORES', 'LIMIT', 0, atOnce)
    local ids, priority, jobs = {}, nil, 0
    for i = 1, #found, 2 do
      if found[i + 1] ~= priority then priority, priorities, jobs = found[i + 1], priorities + 1, 0 end
      if priorities > mostPriorities then break end
      jobs = jobs + 1
      if jobs <= firstOfEach then ids[#ids + 1] = found[i] end
    end
    for _, text in ipairs(ask('HMGET', key.jobs, ids)) do
      if text then oldest = math.min(oldest, tonumber(string.match(text, DUE_PART)) or math.huge) end
    end
    score = '(' .. (priority or '')
  until #found < 2 * atOnce or priorities >= mostPriorities
  return oldest
end

-- Answers the settings, the counts, and for each line how long its oldest ready job has waited.
verbs['queues.list'] = function()
  local counts, waits = call('HGETALL', key.counts), {}
  for i = 1, #counts, 2 do
    local oldest = math.huge
    if parseCounts(counts[i + 1])[READY_COUNT] > 0 then oldest = math.min(oldestIn(counts[i] .. '/0'), oldestIn(counts[i] .. '/1')) end
    waits[#waits + 1] = oldest == math.huge and NONE or string.format('%.0f', math.max(0, now - oldest))
  end
  return { call('HGETALL', key.queues), counts, waits }
end
