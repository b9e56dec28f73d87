-- upkeep.setAside: a record that nobody can read is out of the way.
-- needs: take, verbs from frame/tape
-- needs: setAsideDefinition from definitions/aside
-- needs: setAside from jobs/aside
-- needs: setAsideEntry from journal/aside
-- needs: setAsideLimit from limits/aside
-- needs: setAsideNode from nodes/aside
-- needs: setAsideSettings from queues/aside
local takers = {
  job = setAside, definition = setAsideDefinition, entry = setAsideEntry, node = setAsideNode, queue = setAsideSettings,
  limit = setAsideLimit,
}

verbs['upkeep.setAside'] = function(kind)
  local name = take()
  return takers[kind](name, take()) and 1 or 0
end
