-- limits.configure: sets a limit.
-- needs: take, verbs from frame/tape
-- needs: call from frame/time
-- needs: changeLimits from limits/change
-- needs: parseLimit from limits/settings
-- needs: showLimit from limits/show

-- As core/limit.ts has it.
local mostLimits = 1000

-- Takes its words, and whether only a new one is asked for. Answers what became of it, and the limit as it stands.
verbs['limits.configure'] = function(name)
  local text, onlyNew = take(), take() == '1'
  local there = call('HGET', key.limits, name)
  if onlyNew and there and parseLimit(there) then return { 'exists', showLimit(name, there) } end
  if not there and call('HLEN', key.limits) >= mostLimits then return { 'tooMany' } end
  call('HSET', key.limits, name, text)
  changeLimits(name, parseLimit(text))
  return { 'configured', showLimit(name, text) }
end
