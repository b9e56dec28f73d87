-- The unique jobs' part of a scrub: what names a job that is gone goes, and so does what the other hash does not say.
-- needs: scanPiece, repair from frame/checks
-- needs: call from frame/time
-- gives: checkUniques, checkUniqueScopes

function checkUniques(cursor, limit)
  return scanPiece('HSCAN', key.uniques, cursor, limit, function(scope, text)
    local id = string.match(text, '^(%d+) %S+ %d+$')
    if id and call('HEXISTS', key.jobs, id) == 1 and call('HGET', key.uniqueScopes, id) == scope then return end
    call('HDEL', key.uniques, scope)
    repair('uniques')
  end)
end

function checkUniqueScopes(cursor, limit)
  return scanPiece('HSCAN', key.uniqueScopes, cursor, limit, function(id, scope)
    if string.match(call('HGET', key.uniques, scope) or '', '^%d+') == id then return end
    call('HDEL', key.uniqueScopes, id)
    repair('uniques')
  end)
end
