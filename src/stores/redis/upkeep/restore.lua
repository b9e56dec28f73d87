-- upkeep.restore: what another store had comes in.
-- needs: verbs from frame/tape
-- needs: restoreJob from jobs/restore

verbs['upkeep.restore'] = function(copies)
  local restored = {}
  for i = 1, copies do restored[i] = restoreJob() end
  return restored
end
