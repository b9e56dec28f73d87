-- Jobs that wait for others (core/after.ts): how they begin to, and what becomes of them as these end.
-- needs: idsIn from format/ids
-- needs: waitingFor from format/record-facts
-- needs: SCHEDULED, SUCCEEDED, CANCELED from format/states
-- needs: NONE from format/words
-- needs: call, now, nowText from frame/time
-- needs: ask, write, flush from frame/writes
-- needs: applyMove from jobs/apply
-- needs: madeAtOf from jobs/ids
-- needs: recordOf, touch from jobs/records
-- needs: load from jobs/texts
-- needs: waits from jobs/waits
-- gives: waiting

-- As core/after.ts has it.
local toldAtOnce = 1000

-- By the ids of jobs, as far as this script has looked.
local domains = {}

waiting = {}

local function reasonOf(left)
  return left > 0 and 'after%20' .. string.format('%d', left) .. '%20left' or NONE
end

-- The head of a body begins with the domain (format/body.ts).
local function domainIn(body)
  return string.match(body or '', '^.%["([^"]*)"')
end

local function loadDomains(ids)
  local missing = {}
  for _, id in ipairs(ids) do
    if not domains[id] then missing[#missing + 1] = id end
  end
  local bodies = ask('HMGET', key.bodies, missing)
  for i, id in ipairs(missing) do domains[id] = domainIn(bodies[i]) end
end

-- Of jobs that one of this body would wait for: the first that is not there or of another domain, those that are left to wait for, and
-- of these the states of those that have ended.
function waiting.lookAt(after, body)
  local ids, others = idsIn(after), { onFailure = string.match(after, '^%a+'), dangling = nil, left = {}, ended = {} }
  -- What this script has done to jobs counts.
  flush()
  load(ids)
  loadDomains(ids)
  local domain = domainIn(body)
  for _, id in ipairs(ids) do
    local record = recordOf(id)
    if not record or domains[id] ~= domain then
      others.dangling = others.dangling or id
    elseif record.state < SUCCEEDED or (record.state ~= SUCCEEDED and others.onFailure == 'cancel') then
      others.left[#others.left + 1] = id
      if record.state >= SUCCEEDED then others.ended[id] = record.state end
    end
  end
  return others
end

local function keep(id, others)
  waits.begin(id, others.onFailure, others.left)
  for awaited, state in pairs(others.ended) do waits.ended(awaited, state) end
end

-- A job that is kept now waits for those that are left, if any.
function waiting.begin(id, others)
  if #others.left == 0 then return end
  flush()
  load({ id })
  local record = recordOf(id)
  -- As far as a later call of this script is concerned, it has waited before.
  touch(id, record).waits = #others.left
  record.state, record.reason = SCHEDULED, reasonOf(#others.left)
  keep(id, others)
end

-- The same for one whose record says so already, by what there is here.
function waiting.beginAgain(id, record, after, body)
  local others = after and waiting.lookAt(after, body)
  local left = others and #others.left or 0
  record.reason = reasonOf(left)
  if left > 0 then keep(id, others) end
end

local function cancelsBy(awaited)
  return { kind = 'end', verb = 'cancel', to = CANCELED, reason = 'after%20' .. string.match(awaited, '^0*(%d+)$'), result = 'keep' }
end

-- Answers for how much it counts.
local function tell(id, onFailure, state, move)
  local record = recordOf(id)
  local left = record and waitingFor(record)
  if not left then return 1 end
  if left == 1 then waits.forgetLast(id) end
  if state ~= SUCCEEDED and onFailure == 'cancel' then
    applyMove(id, record, move)
    return left
  end
  touch(id, record)
  record.reason = reasonOf(left - 1)
  -- It is due now, or when its own time comes: one that had none was due when it was made, which a clock that was put back has before it.
  if left == 1 and tonumber(record.due) <= math.max(now, madeAtOf(id)) then record.due = nowText end
  return 1
end

-- Jobs are told that others have ended for which they wait, a bounded number of them. Answers how many.
function waiting.tellEnds()
  local told = 0
  while waits.isAny() and told < toldAtOnce do
    flush()
    local name, awaited, round, state = waits.next()
    if not name then break end
    local ids = awaited and waits.waitingFor(awaited, round, toldAtOnce - told) or {}
    if #ids == 0 then
      waits.told(name)
      told = told + 1
    end
    load(ids)
    local move, kept = #ids > 0 and cancelsBy(awaited), ask('HMGET', key.waits, ids)
    for i, id in ipairs(ids) do
      write('ZREM', key.waiting .. awaited, id)
      told = told + tell(id, string.match(kept[i] or '', '^%a+'), state, move)
      if told >= toldAtOnce then break end
    end
  end
  if told > 0 then flush() end
  return told
end

-- Whether there are more to tell.
function waiting.hasUntold()
  return waits.isAny() and call('EXISTS', key.awaitedEnds) == 1
end
