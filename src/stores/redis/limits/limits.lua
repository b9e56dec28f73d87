-- What limits say of jobs that are pushed (core/limit.ts). Of a script that has no limits to look at, all that this costs is to ask
-- whether there are any.
-- needs: scopesIn from format/head
-- needs: call from frame/time
-- needs: write, finishers from frame/writes
-- needs: parseLimit from limits/settings
-- needs: bucketIn, tokensOf, bucketText from queues/bucket
-- gives: limits

limits = {}
-- Colons of a key behind which patterns may stand.
local mostColons = 8
local exists, known = nil, {}
-- By key, how many tokens there are, once this script has taken some.
local left = {}

function limits.has()
  if exists == nil then exists = call('EXISTS', key.limits) == 1 end
  return exists
end

-- They are others now.
function limits.forget()
  exists, known = nil, {}
end

-- Whether any of them decides which of its jobs start.
function limits.holdBack()
  for _, text in ipairs(call('HVALS', key.limits)) do
    local limit = parseLimit(text)
    if limit and (limit.concurrency or limit.pausedUntil) then return true end
  end
  return false
end

-- That of the key itself, or of the longest pattern that matches it.
function limits.of(word)
  if known[word] ~= nil then return known[word] end
  local patterns, names = {}, { word }
  for place in string.gmatch(word, '():') do
    if #patterns < mostColons then patterns[#patterns + 1] = string.sub(word, 1, place) .. '*' end
  end
  for i = #patterns, 1, -1 do names[#names + 1] = patterns[i] end
  names[#names + 1] = '*'
  known[word] = false
  for _, text in ipairs(call('HMGET', key.limits, unpack(names))) do
    if text then
      known[word] = parseLimit(text) or false
      break
    end
  end
  return known[word]
end

-- As format/words.ts has it.
local function wordOf(text)
  if text == '-' then return '%2D' end
  return (string.gsub(text, '[%c %%/;]', function(byte) return string.format('%%%02x', string.byte(byte)) end))
end

-- The keys under which a job is counted: the one that its push names, that of its worker, that of its domain.
function limits.keysIn(lane, body)
  local domain, limit = scopesIn(body)
  local worker = 'worker:' .. string.match(lane, '^[^/]+')
  limit = wordOf(limit)
  if domain ~= '' then domain = 'domain:' .. wordOf(domain) end
  local keys = {}
  if limit ~= '' and limit ~= worker and limit ~= domain then keys[1] = limit end
  keys[#keys + 1] = worker
  if domain ~= '' then keys[#keys + 1] = domain end
  return keys
end

-- Adds to how many jobs are counted under each key.
function limits.count(counts, lane, body)
  for _, word in ipairs(limits.keysIn(lane, body)) do counts[word] = (counts[word] or 0) + 1 end
  return counts
end

local function tokensFor(word, rate)
  return left[word] or tokensOf(bucketIn(key.limitBuckets, word), rate)
end

-- Of the limits that do not take these jobs now, how long the one waits that takes them last, and its key; nil: all take them.
function limits.refusing(counts)
  local longest, last = 0, nil
  for word, jobs in pairs(counts) do
    local rate = limits.of(word)
    if rate and rate.max then
      local lacking = math.min(jobs, rate.max) - tokensFor(word, rate)
      local wait = math.ceil(lacking * rate.per / rate.max)
      -- Whichever order they are looked at in.
      if lacking > 0 and (wait > longest or (wait == longest and last and word < last)) then longest, last = wait, word end
    end
  end
  if last then return string.format('%.0f', longest), last end
end

-- These jobs were pushed. What they owe is bounded.
function limits.use(counts)
  for word, jobs in pairs(counts) do
    local rate = limits.of(word)
    if rate and rate.max then left[word] = math.max(-rate.max, tokensFor(word, rate) - jobs) end
  end
end

finishers[#finishers + 1] = function()
  for word, tokens in pairs(left) do write('HSET', key.limitBuckets, word, bucketText(tokens)) end
end
