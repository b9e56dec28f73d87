-- change and remove: what an operator asks for.

function verbs.change(moves)
  local id = takeTarget()
  local record = recordOf(id)
  local move, result, output = takeMove(moves, record and record[STATE])
  if not record then return 'missing' end
  if not move then return record[STATE] end
  make(id, record, move, result, output)
  flush()
  return show({ id }, true)
end

function verbs.remove(from)
  local id = takeTarget()
  local record = recordOf(id)
  if not record then return 'missing' end
  if not string.find(from, record[STATE], 1, true) then return record[STATE] end
  flush()
  local shown = show({ id }, true)
  touch(id, record)
  record.isGone = true
  moved('delete', id)
  flush()
  return shown
end
