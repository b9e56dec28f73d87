-- States are kept as digits, in the order of core/job.ts (states.ts).
-- gives: SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED
SCHEDULED = '0'
QUEUED = '1'
RUNNING = '2'
STOPPING = '3'
SUCCEEDED = '4'
FAILED = '5'
CANCELED = '6'
