-- The time of a script's call; its first argument says by how much a test's clock runs ahead.
-- needs: carefully from frame/careful only: careful
-- gives: call, micros, now, nowText
call = redis.call
-- only: careful
call = carefully
-- always

local time = call('TIME')
micros = time[1] * 1000000 + time[2] + ARGV[1] * 1000
now = math.floor(micros / 1000)
-- Whole numbers below 2^53; the usual conversion to text would round them.
nowText = string.format('%.0f', now)
