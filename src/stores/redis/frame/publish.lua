-- Hints go to a batch's sender in the reply and to other nodes over a channel (hints.ts).
-- needs: NONE from format/words
-- needs: sender from frame/sender
-- gives: publishHints

-- `ready`: words of workers of which there is something to claim, or '' for any; ids of jobs that have ended; holders with
-- a new message; `defined`: a definition was put, or is due sooner; `told`: events were published. Answers the hints as
-- they are told, '' when there is nothing to tell.
function publishHints(ready, ended, holders, defined, told)
  if not ready and ended == '' and holders == '' and not defined and not told then return '' end
  local hints = (ready and 'ready ' .. ready or '') .. ';' .. ended .. ';' .. holders .. (defined and ';defined' or told and ';' or '')
    .. (told and ';told' or '')
  -- The only node is the sender itself, if that is one. All is done: what is no table of nodes must not have it done again.
  local nodes = redis.pcall('HLEN', key.nodes)
  if type(nodes) == 'table' or nodes > (sender == NONE and 0 or 1) then redis.call('PUBLISH', key.hints, sender .. ';' .. hints) end
  return hints
end
