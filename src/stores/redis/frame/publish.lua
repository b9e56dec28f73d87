-- Hints go to a batch's sender in the reply and to other nodes over a channel (hints.ts).
-- needs: none from format/words
-- needs: sender from frame/sender
-- needs: call from frame/time
-- gives: publishHints

-- `ready`: there is something to claim; ids of jobs that have ended; holders with a new message. Answers the hints as they
-- are told, '' when there is nothing to tell.
function publishHints(ready, ended, holders)
  if not ready and ended == '' and holders == '' then return '' end
  local hints = (ready and 'ready;' or ';') .. ended .. ';' .. holders
  -- The only node is the sender itself, if that is one.
  if call('HLEN', key.nodes) > (sender == none and 0 or 1) then call('PUBLISH', key.hints, sender .. ';' .. hints) end
  return hints
end
