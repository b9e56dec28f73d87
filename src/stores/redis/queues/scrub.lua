-- The queues' part of a scrub: settings that make none, and limits whose state was damaged.
-- needs: scanPiece, repair, checks from frame/checks
-- needs: call from frame/time
-- needs: setAsideSettings from queues/aside
-- needs: parseSettings from queues/settings

checks[#checks + 1] = function(cursor, limit)
  local broken = {}
  local after, checked = scanPiece('HSCAN', key.queues, cursor, limit, function(queue, text)
    if not parseSettings(text) then broken[#broken + 1] = queue end
  end)
  for _, queue in ipairs(broken) do
    if setAsideSettings(queue, 'its%20words%20make%20no%20settings') then repair('unreadable') end
  end
  return after, checked
end

checks[#checks + 1] = function(cursor, limit)
  return scanPiece('HSCAN', key.buckets, cursor, limit, function(queue, text)
    if string.find(text, '^%-?[%d.]+[e%d+-]* %d+$') then return end
    call('HDEL', key.buckets, queue)
    repair('limits')
  end)
end
