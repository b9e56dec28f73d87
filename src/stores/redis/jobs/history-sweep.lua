-- The histories' part of a sweep: outputs that are longer than they are to be are cut. What becomes history now is short
-- (cut.lua); there are longer ones where another setting counted. So all jobs are gone through once for each smaller number of
-- bytes. How far that is stands in meta: `16384 done`, or `16384 17 942130478012362752`: the piece of the scan that is under
-- way, and the last job of it that was looked at.
-- needs: cutAttempt from format/cut
-- needs: call from frame/time
-- needs: flush from frame/writes
-- gives: sweepHistories

-- No more bytes than this are read in one step, so that none holds Redis long; but one history at least.
local mostBytes = 8388608

-- Answers how many attempts were cut, and the bytes that were read.
local function cutHistory(name, keep)
  local cut, bytes = 0, 0
  for at = 0, call('LLEN', name) - 1 do
    local text = call('LINDEX', name, at)
    local short = cutAttempt(text, keep)
    bytes = bytes + #text
    if #short < #text then
      call('LSET', name, at, short)
      cut = cut + 1
    end
    if bytes > mostBytes and cut > 0 then break end
  end
  return cut, bytes
end

-- The jobs of a piece in their order, so that a piece that did not end can be taken up.
local function pieceFrom(cursor, limit)
  local found = call('HSCAN', key.jobs, cursor, 'COUNT', limit)
  local ids = {}
  for i = 1, #found[2], 2 do ids[#ids + 1] = found[2][i] end
  table.sort(ids)
  return ids, found[1]
end

-- Answers how many outputs were cut, and whether there is more to look at.
function sweepHistories(keep, limit)
  local under, cursor, after = string.match(call('HGET', key.meta, 'outputs') or '', '^(%d+) (%S+) ?(%d*)$')
  if under and keep >= tonumber(under) and cursor == 'done' then return 0, false end
  if not under or keep < tonumber(under) then under, cursor, after = string.format('%.0f', keep), '0', '' end
  flush()
  local ids, following = pieceFrom(cursor, limit)
  local cut, bytes = 0, 0
  for _, id in ipairs(ids) do
    if id > after then
      local its, read = cutHistory(key.attempts .. id, tonumber(under))
      cut, bytes = cut + its, bytes + read
      -- A history that was not read to its end is read again, which is short by then.
      if bytes > mostBytes then
        call('HSET', key.meta, 'outputs', under .. ' ' .. cursor .. ' ' .. (its == 0 and id or after))
        return cut, true
      end
      after = id
    end
  end
  call('HSET', key.meta, 'outputs', under .. ' ' .. (following == '0' and 'done' or following .. ' '))
  return cut, following ~= '0'
end
