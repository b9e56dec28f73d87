-- Jobs are parked by the claim that finds their key full, and let in by the first one that finds room.
-- needs: parseRecord, formatRecord from format/record
-- needs: scoreOf from format/record-facts
-- needs: QUEUED, RUNNING from format/states
-- needs: NONE from format/words
-- needs: hintReady from frame/hints
-- needs: call, now, nowText from frame/time
-- needs: ask, write, flush from frame/writes
-- needs: count from jobs/line-counts
-- needs: load, rewrite, texts from jobs/texts
-- needs: held from limits/held
-- needs: limits from limits/limits
-- gives: parking

-- As core/limit.ts has it.
local parkedAtOnce = 250
-- Keys that are looked at to let jobs in, about.
local keysAtOnce = 1000

parking = {}
local function roomOf(word)
  local limit = limits.of(word)
  if limit and limit.pausedUntil and now < limit.pausedUntil then return 0 end
  return limit and limit.concurrency and limit.concurrency - held.under(word) or math.huge
end

local function fullOf(words)
  for _, word in ipairs(words) do
    if roomOf(word) <= 0 then return word end
  end
end

-- Of jobs that were popped out of their lanes for a claim, those that may begin; the others are parked. Answers these, and the
-- lanes of those.
function parking.parkOrHold(ids)
  local may, parked = {}, {}
  load(ids)
  local bodies = ask('HMGET', key.bodies, ids)
  for i, id in ipairs(ids) do
    local record = texts[id] and parseRecord(texts[id])
    local words = record and bodies[i] and limits.keysIn(record.lane, bodies[i]) or {}
    local full = fullOf(words)
    if full then
      record.reason = 'limit%20' .. full
      parked[#parked + 1] = record.lane
      rewrite(id, formatRecord(record))
      write('ZADD', key.parked .. full, scoreOf(record), id)
      write('HSET', key.parkedKeys, full, '1')
      count(record.lane, RUNNING, QUEUED, 1)
    else
      held.add(words, 1)
      may[#may + 1] = id
    end
  end
  return may, parked
end

local function letInOne(id, word)
  local record = texts[id] and parseRecord(texts[id])
  write('ZREM', key.parked .. word, id)
  if not record or record.state ~= QUEUED then return end
  record.reason = NONE
  rewrite(id, formatRecord(record))
  write('ZADD', key.lane .. record.lane, scoreOf(record), id)
  hintReady(string.match(record.lane, '^[^/]+/[^/]+'), true)
end

-- Limits whose time has come are paused no more.
local function resume()
  local names = call('ZRANGEBYSCORE', key.resumes, '-inf', nowText)
  if #names == 0 then return end
  for _, name in ipairs(names) do
    local text = call('HGET', key.limits, name)
    if text then call('HSET', key.limits, name, (string.gsub(text, '%S+$', 'none'))) end
    call('ZREM', key.resumes, name)
  end
  limits.forget()
  held.allMayHaveRoom()
  held.endUnlessAsked()
end

-- Milliseconds until the next one is; nil: none is paused.
function parking.resumesIn()
  local resumes = held.isCounted() and call('ZRANGE', key.resumes, 0, 0, 'WITHSCORES')[2]
  return resumes and math.max(0, tonumber(resumes) - now) or nil
end

-- Of those that wait for the key, as many as there is room for. Answers how many, and whether more wait for it.
local function letInUnder(word, room)
  local ids = call('ZRANGE', key.parked .. word, 0, room)
  local more = #ids > room
  if more then ids[#ids] = nil end
  load(ids)
  for _, id in ipairs(ids) do letInOne(id, word) end
  if not more then write('HDEL', key.parkedKeys, word) end
  return #ids, more
end

-- Of each key that has room, as many as it has room for are ready again. Answers how many.
function parking.letIn()
  if not held.isCounted() then return 0 end
  local total = 0
  flush()
  resume()
  local roomy = call('HSCAN', key.roomy, '0', 'COUNT', keysAtOnce)[2]
  for i = 1, #roomy, 2 do
    if total >= parkedAtOnce then break end
    local room, count, more = math.min(parkedAtOnce - total, roomOf(roomy[i])), 0, false
    if room > 0 then count, more = letInUnder(roomy[i], room) end
    if not more then write('HDEL', key.roomy, roomy[i]) end
    total = total + count
  end
  flush()
  if #roomy > 0 then held.endUnlessAsked() end
  return total
end

-- Whether there is a key of which more may run, and for which jobs wait.
function parking.hasRoom()
  return call('EXISTS', key.roomy) == 1
end
