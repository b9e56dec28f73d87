-- The usual batch done the short way: at most one finish, one push and one claim, in this order, as scripts.ts chooses it.
-- Answers what batch.lua would; or nothing, and then nothing has been written and the files behind this one do the batch.
-- It takes the arguments, reads all it needs and then writes, and leaves to the others whatever is not like this:
--   finish  one plain end of a running job that has no result yet, is held by a node and proven by its fence;
--   push    a ready job of an automatic lane;
--   claim   of a live node, not known yet, for one worker in any queue, when nothing is due and the worker's ready jobs are
--           of one line, all automatic, never begun, with short payloads; beside a push: when no job was ready before;
--   all     of one line whose queue has no settings.
-- Then there is nothing to share, to promote, to count against a limit or to take away, and these are the writes of the
-- others; but a job that is pushed and claimed at once never stands in its lane.
--
-- The files of this folder are put together as one function with these names in common: what a call needs stands there only
-- if the batch has it, and setting up functions would take as long as all that they do.
local KEYS, ARGV, call, match, sub = KEYS, ARGV, redis.call, string.match, string.sub
local none, at, server = '-', 5 + ARGV[3], ARGV[2]
local sender = ARGV[at - 1]
-- More jobs that begin at once are for the others.
local most = 50
-- Behind the state of a job that has never been claimed, up to its lane.
local freshStart = '1 0 0 - - - - - - 0 '

local time = call('TIME')
local micros = time[1] * 1000000 + time[2] + ARGV[1] * 1000
local now = math.floor(micros / 1000)
local nowText, microsText = string.format('%.0f', now), string.format('%.0f', micros)

local line, worker, queue, counts
-- Places among the counts (lines.lua).
local READY, HELD, MANUAL = 2, 3, 8
-- The job that ends: its fence, what becomes of it, and what its record says behind its reason, with its claim.
local endedId, fence, verb, to, reason, result, rest, endHolder, endOperation, endBegun
-- The job that is pushed, and what is to be done once it has its id.
local pushLane, pushLine, pushWords, body
local pushedId, atEnd = '', {}
-- The claim, the jobs that begin, and what their records say behind their start.
local holder, operation, slots, wait, bodies
local ids, tails = {}, {}
-- What is written in the end, and by how many more jobs of the line are held.
local puts, moves, replies, held = {}, {}, {}, 0
