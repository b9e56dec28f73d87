-- The texts of records, read once.
-- needs: ask, listOf, addPair from frame/writes
-- gives: load, rewrite
-- shares: texts, rewritten, outdated
texts = {}

-- Reads those that are not known yet. What is not there stays unknown: a later call of this script may make a job of that id.
function load(ids)
  local missing, total = {}, 0
  for i = 1, #ids do
    local id = ids[i]
    if texts[id] == nil then
      texts[id] = false
      total = total + 1
      missing[total] = id
    end
  end
  local found = ask('HMGET', key.jobs, missing)
  for i = 1, total do texts[missing[i]] = found[i] or nil end
end

local puts = listOf('HSET', key.jobs)

-- Jobs with a new text; all that follows from it is among the writes, too.
rewritten = {}

function rewrite(id, text)
  addPair(puts, id, text)
  texts[id], rewritten[id] = text, true
end

-- Jobs whose text is not what their record says (records.lua): a flush makes it so.
outdated = {}
