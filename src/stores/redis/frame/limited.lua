-- The front of a script that knows of no limits: once there are any, or were, it does nothing and says so, and goes again as one that
-- knows of them (frame/calls.ts).
if redis.call('EXISTS', key.limits, key.parking) > 0 then return 'limited' end
