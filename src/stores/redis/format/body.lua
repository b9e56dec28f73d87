-- What does not change in a job's life (body.ts): scripts only move it.
-- gives: LONG_PAYLOAD, CREATED_PART, NO_BODY

-- The first byte of a body whose payload lies on its own: an l.
LONG_PAYLOAD = 108

-- When the job was made, in a body that tells it.
CREATED_PART = '^%a[^\n]*,(%d+)%]\n'

-- Of a job that has lost its own: one that cannot be shown would be in the way of all others.
NO_BODY = 'n["","","","",[null,1,0,0,0,0],null]\n'
