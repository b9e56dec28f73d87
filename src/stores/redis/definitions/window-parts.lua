-- The parts that windows have gathered. Those that come are kept with all else that a script writes, so that they stand there once.
-- needs: call from frame/time
-- needs: listOf, write from frame/writes
-- gives: addPart, partsOf, dropParts

function addPart(word, text)
  -- What would fail at the list, or behind it, fails here, before anything is kept.
  call('LLEN', key.parts .. word)
  call('HLEN', key.jobs)
  write('RPUSH', key.parts .. word, text)
end

function partsOf(word)
  local parts, added = call('LRANGE', key.parts .. word, 0, -1), listOf('RPUSH', key.parts .. word)
  for i = 1, added.n do parts[#parts + 1] = added[i] end
  return parts
end

function dropParts(word)
  listOf('RPUSH', key.parts .. word).n = 0
  call('DEL', key.parts .. word)
end
