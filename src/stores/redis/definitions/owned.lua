-- What the jobs of a definition did (core/owned.ts), and which jobs it has: kept in the step in which a job moves.
-- needs: CREATED_PART from format/body
-- needs: factLine, parseFacts, formatFacts, oneMoreGone, classOf, LIVE, facets from format/facts
-- needs: parseRecord from format/record
-- needs: NO_RESULT, ERROR_PART, ERROR_BESIDE_CAUSE, NO_ERROR from format/result
-- needs: NONE from format/words
-- needs: hintDefined from frame/hints
-- needs: call, now from frame/time
-- needs: write, flush, collectors from frame/writes
-- needs: definitionOf, touchDefinition from definitions/table
-- gives: follow, forgetOwned, setClass, factsOf, keepFacts, walkFacts, liveJobs, errorIn, liveLine, atOnce
-- By owner, by id: the class in which the job will stand, false: none.
local pending = {}
-- By owner.
local known, changed = {}, {}
-- By owner, how many of its jobs live, once somebody has asked.
local living = {}

-- The job stands in its owner's index by this class; nil: it is gone.
function setClass(owner, id, class)
  local classes = pending[owner]
  if not classes then
    classes = {}
    pending[owner] = classes
  end
  classes[id] = class or false
end

-- The ids of the owner's jobs that have not ended: all of them, or so many from one on.
function liveJobs(owner, from, limit)
  if pending[owner] then flush() end
  return call('ZRANGEBYSCORE', key.owned .. owner, 0, LIVE, 'LIMIT', from or 0, limit or -1)
end

-- The error in the text of a result; nil: there is no result.
function errorIn(result)
  return result and (string.match(result, ERROR_PART) or string.match(result, ERROR_BESIDE_CAUSE)) or NO_ERROR
end

-- The line of a job that lives.
function liveLine(id, class)
  return factLine(id, string.match(call('HGET', key.bodies, id) or '', CREATED_PART) or NONE, class, NO_ERROR)
end

-- The line of a job that is there; nil: it is not.
local function lineOf(id)
  local text = call('HGET', key.jobs, id)
  if not text then return nil end
  local record = parseRecord(text)
  if not record then return nil end
  local class = classOf(record.state, record.lane)
  if class <= LIVE then return liveLine(id, class) end
  return factLine(id, record.ended, class, errorIn(record.result ~= NO_RESULT and call('HGET', key.results, id)))
end

-- The newest of the owner's jobs that are there and of this facet, as a line.
local function walk(owner, facet)
  local index, newest = key.owned .. owner, nil
  for class = 0, 7 do
    local found = facets[facet][class] and call('ZREVRANGEBYSCORE', index, class, class, 'LIMIT', 0, 1)[1]
    if found and (not newest or newest < found) then newest = found end
  end
  if not newest then return NONE end
  local line = lineOf(newest)
  if line then return line end
  -- An entry without its job must not be in the way for ever.
  call('ZREM', index, newest)
  return walk(owner, facet)
end

-- As a walk over all jobs that are there tells them.
function walkFacts(owner)
  if pending[owner] then flush() end
  local facts, hasJobs = { gone = '' }, call('EXISTS', key.owned .. owner) == 1
  for facet = 1, #facets do facts[facet] = hasJobs and walk(owner, facet) or NONE end
  return facts
end

-- As they are kept: a line for each facet.
function factsOf(owner)
  local facts = known[owner]
  if not facts then
    facts = parseFacts(call('HGET', key.facts, owner) or '-\n-\n-\n-')
    known[owner] = facts
  end
  return facts
end

function keepFacts(owner, facts)
  known[owner], changed[owner] = facts, true
end

-- Ticks of one definition only rise (core/definition.ts).
function atOnce(d, time)
  local firedAt = tonumber(d.firedAt)
  return firedAt and math.max(time, firedAt + 1) or time
end

-- How many of the owner's jobs live: counted once, and then followed.
local function countLiving(owner)
  if not living[owner] then
    if pending[owner] then flush() end
    living[owner] = call('ZCOUNT', key.owned .. owner, 0, LIVE)
  end
  return living[owner]
end

-- One of its jobs has ended (core/window.ts wokenByEnd).
local function wake(owner, d, isNews)
  local present = atOnce(d, now)
  local wakes = isNews and d.dueOnEnd == '1' and countLiving(owner) == 0
  local waits = d.openedAt ~= NONE and d.closesAt == NONE
  if not wakes and not waits then return end
  touchDefinition(owner, d)
  if wakes then d.due = string.format('%.0f', tonumber(d.due) == present and present + 1 or present) end
  if waits then d.closesAt = string.format('%.0f', present) end
  hintDefined()
end

-- Whether this is what is told of this job while it lives.
local function isLiveFact(line, id)
  return string.sub(line, 1, #id) == id and string.match(line, '^%S+ %S+ (%S+)') == NONE
end

-- The record of a job that has ended is gone: how it ended is still counted, for who is due on the end of its jobs.
local function countGone(owner, d, class)
  if d.dueOnEnd ~= '1' or class <= LIVE then return end
  local facts = factsOf(owner)
  facts.gone, changed[owner] = oneMoreGone(facts.gone, class), true
end

-- Retention takes a job: all but its record stays.
function forgetOwned(owner, id, class)
  setClass(owner, id, nil)
  local d = definitionOf(owner)
  if d then countGone(owner, d, class) end
end

-- A job of this owner was made or came in (`was` nil), has moved from class to class, or was removed (`class` nil); its
-- record tells so already. `line` is what is to be told of it.
function follow(owner, id, was, class, line)
  setClass(owner, id, class)
  local wasLive, isLive = was and was <= LIVE, class and class <= LIVE
  if living[owner] then living[owner] = living[owner] + (isLive and 1 or 0) - (wasLive and 1 or 0) end
  local d = definitionOf(owner)
  if not d then return end
  if was and not class then countGone(owner, d, was) end
  local facts = factsOf(owner)
  local isNews = was or isLiveFact(facts[1], id)
  for facet = 1, #facets do
    local fact = string.sub(facts[facet], 1, #id)
    if class and facets[facet][class] then
      if fact <= id then facts[facet], changed[owner] = line, true end
    elseif fact == id then
      flush()
      facts[facet], changed[owner] = walk(owner, facet), true
    end
  end
  if (was or LIVE) <= LIVE and not isLive then wake(owner, d, isNews) end
end

collectors[#collectors + 1] = function()
  for owner, classes in pairs(pending) do
    for id, class in pairs(classes) do
      if class then write('ZADD', key.owned .. owner, class, id) else write('ZREM', key.owned .. owner, id) end
    end
  end
  pending = {}
  for owner in pairs(changed) do
    local text = formatFacts(known[owner])
    if text then write('HSET', key.facts, owner, text) else write('HDEL', key.facts, owner) end
  end
  changed = {}
end
