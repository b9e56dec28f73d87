-- nodes.reconcile
-- needs: takeList, verbs from frame/tape
-- needs: applyAll from jobs/apply-all
-- needs: heldBy, idsOf from jobs/holds
-- needs: takeReleaseMoves from jobs/lost-moves

-- Answers what the node holds in vain, as numbers of its list, and then what is handed back, as `id fence`.
verbs['nodes.reconcile'] = function(incarnation)
  local held, pending = takeList(), {}
  for _, operation in ipairs(takeList()) do pending[operation] = true end
  local movesOf = takeReleaseMoves()
  local ours, theirs = {}, {}
  local attempts = heldBy(incarnation)
  for _, attempt in ipairs(attempts) do ours[attempt.id .. ' ' .. attempt.fence] = true end
  local abort, unknown, released = {}, {}, {}
  for i, ref in ipairs(held) do
    theirs[ref] = true
    if not ours[ref] then abort[#abort + 1] = i end
  end
  for _, attempt in ipairs(attempts) do
    local ref = attempt.id .. ' ' .. attempt.fence
    if not theirs[ref] and not pending[attempt.operation] then
      unknown[#unknown + 1] = attempt
      released[#released + 1] = ref
    end
  end
  applyAll(idsOf(unknown), movesOf)
  return { abort, released }
end
