-- The front of a script that knows of no limits, and of no jobs that wait for others: once there are any, or were, it does nothing and
-- says so, and goes again as one that knows of them (frame/calls.ts).
if redis.call('EXISTS', key.limits, key.parking, key.waits, key.awaitedEnds) > 0 then return 'limited' end
