-- The claim that began the job that ends, and whether this one may begin any.
if not holder then
  endBegun = call('HGET', key.claims .. endHolder, endOperation)
  if not endBegun then return nil end
else
  local known = call('HMGET', key.claims .. holder, operation, endOperation or operation)
  endBegun = known[2]
  if known[1] or (endedId and not endBegun) then return nil end
  if (pushLine or ids[1]) and sub(call('HGET', key.nodes, holder) or '', 1, 7) ~= 'active ' then return nil end
end
