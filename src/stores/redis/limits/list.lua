-- limits.list: the limits as they stand.
-- needs: verbs from frame/tape
-- needs: call from frame/time
-- needs: showLimit from limits/show

verbs['limits.list'] = function()
  local limits, shown = call('HGETALL', key.limits), {}
  for i = 1, #limits, 2 do shown[#shown + 1] = showLimit(limits[i], limits[i + 1]) end
  return shown
end
