-- What does not change in a job's life (body.ts): scripts only move it.
-- gives: LONG_PAYLOAD, NO_BODY

-- The first byte of a body whose payload lies on its own.
LONG_PAYLOAD = string.byte('l')

-- Of a job that has lost its own: one that cannot be shown would be in the way of all others.
NO_BODY = 'n["","","","",[null,1,0,0,0,0],null]\n'
