-- upkeep.setAside: a record that nobody can read is out of the way.
-- needs: take, verbs from frame/tape
-- needs: setAside from jobs/aside

verbs['upkeep.setAside'] = function(id)
  return setAside(id, take()) and 1 or 0
end
