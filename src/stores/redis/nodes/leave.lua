-- nodes.leave
-- needs: takeNumber, verbs from frame/tape
-- needs: nowText from frame/time
-- needs: applyAll from jobs/apply-all
-- needs: heldBy, idsOf from jobs/holds
-- needs: takeReleaseMoves from jobs/lost-moves
-- needs: endNode from nodes/end-node
-- needs: findNode from nodes/node

verbs['nodes.leave'] = function(incarnation)
  local most, movesOf = takeNumber(), takeReleaseMoves()
  local node = findNode(incarnation)
  if not node then return 0 end
  node.heard = nowText
  endNode(incarnation, node, 'left', most)
  return applyAll(idsOf(heldBy(incarnation)), movesOf)
end
