-- journal.publish: events are told and what they cause is done, in one step.
-- needs: wholeIn from format/whole
-- needs: NONE from format/words
-- needs: hintTold from frame/hints
-- needs: take, takeNumber, takeList, verbs from frame/tape
-- needs: call, nowText from frame/time
-- needs: write, finishers from frame/writes
-- needs: toldTexts, numbered from journal/moved
-- needs: charactersTold from journal/told
-- needs: takeJob, pushJob from jobs/push
-- needs: settingsOf from queues/settings
-- needs: gather, skipPart from definitions/gather
-- By domain and key, the number of an event that this script has told.
local newKeys = {}
-- How many characters events had before this script, nil until it tells one, and how many it tells.
local before, characters = nil, 0
-- Where readers stand that this script has moved.
local places = {}

-- What somebody else wrote where this is kept at the end must be found before anything is done: it is not to be done twice.
local function look()
  before = charactersTold()
  call('ZCARD', key.told)
  call('ZCARD', key.eventKeyTimes)
end

-- Answers what became of the event: `t` and its number; `k` and the numbers of its entry, none for that of this step, and its own.
local function tell(scope)
  local size, text = takeNumber(), take()
  if scope ~= '' then
    if newKeys[scope] then return 'k-' .. newKeys[scope] end
    local known = call('HGET', key.eventKeys, scope)
    -- One that was damaged says nothing any more.
    if known and string.find(known, '^%d+%-%d+$') then return 'k' .. known end
  end
  if not before then look() end
  local number = #toldTexts
  toldTexts[number + 1], characters = text, characters + size
  if scope ~= '' then newKeys[scope] = number end
  hintTold()
  return 't' .. number
end

-- A cause whose event was known is taken, and not done.
local function cause(events, anyway)
  local event, isJob = take(), take() == 'j'
  local isKnown = event ~= NONE and string.sub(events[tonumber(event) + 1], 1, 1) == 'k'
  if isJob then
    local spec, body, payload, scope, digest, unique, startBefore, after = takeJob()
    return isKnown and 'known' or pushJob(spec, body, payload, scope, digest, unique, startBefore, after, anyway)
  end
  if not isKnown then return gather(take()) end
  skipPart()
  return 'known'
end

-- Takes all that a step brings.
local function skip(events, causes)
  for _ = 1, 3 * events do take() end
  for _ = 1, causes do
    take()
    if take() == 'j' then takeJob() else skipPart() end
  end
end

-- What is known only with the number of the entry.
numbered[#numbered + 1] = function(seq)
  if not before then return end
  write('HSET', key.meta, 'told', string.format('%.0f', before + characters))
  write('ZADD', key.told, string.format('%.0f', before), seq)
  for scope, number in pairs(newKeys) do
    write('HSET', key.eventKeys, scope, seq .. '-' .. number)
    write('ZADD', key.eventKeyTimes, nowText, scope)
  end
end

-- The first of the queues for which the reader waits that is closed; nil: none.
local function closedOf(queues)
  for _, queue in ipairs(queues) do
    local settings = settingsOf(queue)
    if settings and settings.isClosed then return queue end
  end
end

finishers[#finishers + 1] = function()
  for name, to in pairs(places) do write('HSET', key.followers, name, to) end
end

local function placeOf(name)
  return places[name] or wholeIn(call('HGET', key.followers, name)) or '0'
end

-- Answers `stale` and the version; `moved` and where the reader stands; `closed` and the queue that it waits for; or '', the number
-- of the entry, what became of the events, and what became of each cause.
verbs['journal.publish'] = function(rules)
  local name, from, to, queues, events, causes = take(), take(), take(), takeList(), takeNumber(), takeNumber()
  local at = name == NONE and '0' or placeOf(name)
  local version = rules ~= NONE and wholeIn(call('HGET', key.groupVersions, 'trigger/event')) or '0'
  local isMoved, isStale = name ~= NONE and at ~= from, rules ~= NONE and version ~= rules
  local closed = closedOf(queues)
  if isMoved or isStale or closed then
    skip(events, causes)
    return isMoved and { 'moved', at } or isStale and { 'stale', version } or { 'closed', closed }
  end
  if name ~= NONE then places[name] = to end
  local told, reply = {}, { '', '', '' }
  for i = 1, events do told[i] = tell(take()) end
  for i = 1, causes do reply[3 + i] = cause(told, #queues > 0) end
  reply[3] = table.concat(told, ' ')
  numbered[#numbered + 1] = function(seq) reply[2] = seq end
  return reply
end
