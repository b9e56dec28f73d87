-- definitions.parts: what a window has gathered.
-- needs: verbs from frame/tape
-- needs: call from frame/time

verbs['definitions.parts'] = function(word)
  return call('LRANGE', key.parts .. word, 0, -1)
end
