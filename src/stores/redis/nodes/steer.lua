-- nodes.steer: sets the mode of the nodes with this name or incarnation.
-- needs: hintReady, hintInbox from frame/hints
-- needs: take, verbs from frame/tape
-- needs: liveNodes, keepNode from nodes/node

-- Answers which they are.
verbs['nodes.steer'] = function(asked)
  local mode, steered = take(), {}
  for incarnation, node in pairs(liveNodes()) do
    if incarnation == asked or node.name == asked then
      node.mode = mode
      keepNode(incarnation, node)
      hintInbox(incarnation)
      steered[#steered + 1] = incarnation
    end
  end
  -- What a node leaves alone, another may claim; and a node that goes on may claim what has waited for it.
  if #steered > 0 then hintReady('', true) end
  return steered
end
