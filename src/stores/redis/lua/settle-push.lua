-- settleAndPush: a settle with jobs to push if it is accepted.

function verbs.settleAndPush(moves)
  if settle(moves) then
    pushMany()
    return 1
  end
  skipPushes()
  return 0
end
