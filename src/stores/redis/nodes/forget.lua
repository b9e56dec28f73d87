-- nodes.forget
-- needs: verbs from frame/tape
-- needs: call from frame/time
-- needs: applyAll from jobs/apply-all
-- needs: heldBy, idsOf from jobs/holds
-- needs: takeLoseMoves from jobs/lost-moves

-- Answers how many attempts were taken back, -1 when nobody knows the node.
verbs['nodes.forget'] = function(incarnation)
  local movesOf = takeLoseMoves()
  local known = call('HDEL', key.nodes, incarnation) + call('HDEL', key.gone, incarnation)
  call('HDEL', key.serves, incarnation)
  call('DEL', key.inbox .. incarnation)
  if known == 0 then return -1 end
  return applyAll(idsOf(heldBy(incarnation)), movesOf)
end
