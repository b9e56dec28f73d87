-- The record of a definition (definition.ts): a line of words, and its state behind it.
--
--   version changedAt size due firedAt dueOnEnd openedAt closesAt count dropped characters group
--
-- The size is that of the body, which lies on its own: none when the definition was removed. From `openedAt` on it is the
-- window; `characters` are those of its parts.
-- needs: NONE from format/words
-- gives: KINDS, parseDefinition, formatDefinition, dueOf
KINDS = ' trigger batch task script source endpoint worker token secret env kv '
local pattern = '^(%d+) (%d+) (%S+) (%S+) (%S+) ([01]) (%S+) (%S+) (%d+) (%d+) (%d+) (%S+)\n(.*)$'

-- Digits of the furthest time that Node can show.
local longest = 16

local function isNumber(word)
  return word == NONE or #word <= longest and not string.find(word, '%D')
end

-- `was` is what table.lua notes of one that changes. nil: the text makes none.
function parseDefinition(text)
  local version, changedAt, size, due, firedAt, dueOnEnd, openedAt, closesAt, count, dropped, characters, group, state =
    string.match(text, pattern)
  if not version or math.max(#version, #changedAt, #count, #dropped, #characters) > 15 then return nil end
  -- A window that nobody opened is none.
  if openedAt == NONE then closesAt = NONE end
  if not (isNumber(size) and isNumber(due) and isNumber(firedAt) and isNumber(openedAt) and isNumber(closesAt)) then return nil end
  return {
    version = version, changedAt = changedAt, size = size, due = due, firedAt = firedAt, dueOnEnd = dueOnEnd,
    openedAt = openedAt, closesAt = closesAt, count = count, dropped = dropped, characters = characters, group = group,
    state = state, was = false,
  }
end

function formatDefinition(d)
  return d.version .. ' ' .. d.changedAt .. ' ' .. d.size .. ' ' .. d.due .. ' ' .. d.firedAt .. ' ' .. d.dueOnEnd .. ' '
    .. d.openedAt .. ' ' .. d.closesAt .. ' ' .. d.count .. ' ' .. d.dropped .. ' ' .. d.characters .. ' ' .. d.group .. '\n'
    .. d.state
end

-- When somebody must look at it (core/definition.ts dueAt); nil: never.
function dueOf(d)
  local due, closesAt = tonumber(d.due), tonumber(d.closesAt)
  return due and closesAt and math.min(due, closesAt) or due or closesAt
end
