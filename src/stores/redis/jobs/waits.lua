-- Which jobs wait for which, and ends of which those have not been told (core/after.ts); else all that this costs is to ask whether any
-- wait. Of a job that waits it is kept what the failure of others does to it, `cancel` or `start`, and their ids. Those that wait for a
-- job do so in rounds: its end is that of the newest round, and who comes later waits in the next one.
-- needs: idsIn from format/ids
-- needs: hintReady from frame/hints
-- needs: call from frame/time
-- needs: write from frame/writes
-- gives: waits
waits = {}
local isAny = nil
-- The ends that this script has put, written or not.
local isPut = {}
-- By awaited job, the round that is open, until this script ends that job.
local openRounds = {}
-- Jobs that wait for none any more.
local isForgotten = {}

function waits.isAny()
  if isAny == nil then isAny = call('EXISTS', key.waits, key.awaitedEnds) > 0 end
  return isAny
end

local function nameOf(awaited, round)
  return string.format('%s %06d', awaited, round)
end

-- A score that is no such number was damaged; beyond it no round could be told from the next one.
local furthestRound = 2 ^ 40

-- The newest round of those that wait for it; nil: nobody does.
local function newestRound(awaited)
  return tonumber((call('ZREVRANGEBYSCORE', key.waiting .. awaited, furthestRound, 0, 'WITHSCORES', 'LIMIT', 0, 1)[2]))
end

-- Whether it is still to be told that this round has come to its end.
local function isOver(awaited, round)
  local name = nameOf(awaited, round)
  return isPut[name] or call('ZSCORE', key.awaitedEnds, name)
end

-- All that wait for an end that has not come are in one round, which is the newest one.
local function openRound(awaited)
  if openRounds[awaited] then return openRounds[awaited] end
  local round = newestRound(awaited) or 0
  while isOver(awaited, round) do round = round + 1 end
  openRounds[awaited] = round
  return round
end

-- At once: a later call of this script may end one of them.
function waits.begin(id, onFailure, ids)
  isAny, isForgotten[id] = true, nil
  call('HSET', key.waits, id, onFailure .. ' ' .. table.concat(ids, ' '))
  for _, awaited in ipairs(ids) do call('ZADD', key.waiting .. awaited, openRound(awaited), id) end
end

-- It waited for one that it is taken from: nothing else is left.
function waits.forgetLast(id)
  isForgotten[id] = true
  write('HDEL', key.waits, id)
end

-- It waits for none any more.
function waits.forget(id)
  if isForgotten[id] then return end
  local text = waits.isAny() and call('HGET', key.waits, id)
  if not text then return end
  write('HDEL', key.waits, id)
  for _, awaited in ipairs(idsIn(text)) do write('ZREM', key.waiting .. awaited, id) end
end

-- A job has ended: those that wait for it, if any, are to be told. A second end changes nothing for those that are still to be told of
-- the first.
function waits.ended(id, state)
  local round = waits.isAny() and newestRound(id)
  if not round or isOver(id, round) then return end
  local name = nameOf(id, round)
  isPut[name], openRounds[id] = true, nil
  write('ZADD', key.awaitedEnds, state, name)
  hintReady('', true)
end

-- How a job that waits for another one does so: `nil`: not at all; `true`: it is to be told of an end; `false`: an end is still to come.
function waits.isToBeTold(id, awaited)
  local round = tonumber((call('ZSCORE', key.waiting .. awaited, id)))
  if not round then return nil end
  if isOver(awaited, round) then return true end
  if round == newestRound(awaited) then return false end
  return nil
end

-- The next end that is to be told, as it is kept; and the job, the round and the state, nil where it is damaged: of such a one nobody is
-- told, and a scrub finds it again.
function waits.next()
  local first = waits.isAny() and call('ZRANGE', key.awaitedEnds, 0, 0, 'WITHSCORES') or {}
  local name, state = first[1], first[2]
  if not name then return nil end
  local awaited, round = string.match(name, '^(%d+) (%d+)$')
  if not awaited or not string.find(state, '^[456]$') then return name end
  return name, awaited, round, state
end

function waits.waitingFor(awaited, round, limit)
  return call('ZRANGEBYSCORE', key.waiting .. awaited, round, round, 'LIMIT', 0, limit)
end

-- All that waited for it have been told.
function waits.told(name)
  isPut[name] = nil
  write('ZREM', key.awaitedEnds, name)
end
