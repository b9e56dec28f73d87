-- Definitions get a new version.
-- needs: NONE from format/words
-- needs: hintDefined from frame/hints
-- needs: call, nowText from frame/time
-- needs: definedNotes from journal/moved
-- needs: touchDefinition, kindOf from definitions/table
-- needs: dropParts from definitions/window-parts
-- gives: newDefinition, newVersion, clear, dropWindow

-- One that was never there.
function newDefinition()
  return {
    version = '0', changedAt = '0', size = NONE, due = NONE, firedAt = NONE, dueOnEnd = '0', openedAt = NONE, closesAt = NONE,
    count = '0', dropped = '0', characters = '0', group = NONE, state = '', was = false,
  }
end

local function noteGroup(kind, group, version)
  if group and group ~= NONE then call('HSET', key.groupVersions, kind .. '/' .. group, version) end
end

-- One that was damaged goes on behind all that it was, which are fewer than milliseconds since 1970.
local function countVersion(kind)
  local version = call('HINCRBY', key.kinds, kind, 1)
  if version > 0 and version < 1e15 then return string.format('%.0f', version) end
  call('HSET', key.kinds, kind, nowText)
  return nowText
end

-- Of its kind, and of the group that it leaves and the one that it enters; it is told of, with a word of what was said of it or
-- nothing. Answers it.
function newVersion(word, d, note)
  touchDefinition(word, d)
  local kind = kindOf(word)
  d.version, d.changedAt = countVersion(kind), nowText
  noteGroup(kind, d.countedIn or d.was.group, d.version)
  noteGroup(kind, d.group, d.version)
  d.countedIn = d.group
  definedNotes[#definedNotes + 1] = word .. ' ' .. d.version .. (note and note ~= NONE and '/' .. note or '')
  hintDefined()
  return d.version
end

-- Its window and what that has gathered.
function dropWindow(word, d)
  if d.openedAt == NONE then return end
  d.openedAt, d.closesAt, d.count, d.dropped, d.characters = NONE, NONE, '0', '0', '0'
  dropParts(word)
end

-- What is left of one that is removed is its state and what its jobs did.
function clear(word, d)
  touchDefinition(word, d)
  d.size, d.group, d.due, d.dueOnEnd, d.body = NONE, NONE, NONE, '0', false
  dropWindow(word, d)
end
