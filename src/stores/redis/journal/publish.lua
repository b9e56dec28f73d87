-- journal.publish: events are told and what they cause is done, in one step.
-- needs: NONE from format/words
-- needs: hintTold from frame/hints
-- needs: take, takeNumber, verbs from frame/tape
-- needs: call, nowText from frame/time
-- needs: write from frame/writes
-- needs: toldTexts, numbered from journal/moved
-- needs: takeJob, pushJob from jobs/push
-- needs: gather, skipPart from definitions/gather
-- By domain and key, the number of an event that this script has told.
local newKeys = {}
local characters = 0

-- Answers what became of the event: `t` and its number; `k` and the numbers of its entry, none for that of this step, and its own.
local function tell(scope)
  local size, text = takeNumber(), take()
  if scope ~= '' then
    if newKeys[scope] then return 'k-' .. newKeys[scope] end
    local known = call('HGET', key.eventKeys, scope)
    if known then return 'k' .. known end
  end
  local number = #toldTexts
  toldTexts[number + 1], characters = text, characters + size
  if scope ~= '' then newKeys[scope] = number end
  hintTold()
  return 't' .. number
end

-- A cause whose event was known is taken, and not done.
local function cause(events)
  local event, isJob = take(), take() == 'j'
  local isKnown = event ~= NONE and string.sub(events[tonumber(event) + 1], 1, 1) == 'k'
  if isJob then
    local spec, body, payload, scope, digest = takeJob()
    return isKnown and 'known' or pushJob(spec, body, payload, scope, digest)
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
  if characters == 0 then return end
  local through = call('HINCRBY', key.meta, 'told', characters)
  write('ZADD', key.told, string.format('%.0f', through - characters), seq)
  for scope, number in pairs(newKeys) do
    write('HSET', key.eventKeys, scope, seq .. '-' .. number)
    write('ZADD', key.eventKeyTimes, nowText, scope)
  end
end

-- Answers `stale` and the version; `moved` and where the reader stands; or '', the number of the entry, what became of the events,
-- and what became of each cause.
verbs['journal.publish'] = function(rules)
  local name, from, to, events, causes = take(), take(), take(), takeNumber(), takeNumber()
  local at = name ~= NONE and string.match(call('HGET', key.followers, name) or '', '^%d+$') or '0'
  local version = rules ~= NONE and string.match(call('HGET', key.groupVersions, 'trigger/event') or '', '^%d+$') or '0'
  local isMoved, isStale = name ~= NONE and at ~= from, rules ~= NONE and version ~= rules
  if isMoved or isStale then
    skip(events, causes)
    return isMoved and { 'moved', at } or { 'stale', version }
  end
  if name ~= NONE then call('HSET', key.followers, name, to) end
  local told, reply = {}, { '', '', '' }
  for i = 1, events do told[i] = tell(take()) end
  for i = 1, causes do reply[3 + i] = cause(told) end
  reply[3] = table.concat(told, ' ')
  numbered[#numbered + 1] = function(seq) reply[2] = seq end
  return reply
end
