-- States are kept as digits, in the order of core/job.ts (states.ts).
-- gives: SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED
SCHEDULED, QUEUED, RUNNING, STOPPING, SUCCEEDED, FAILED, CANCELED = '0', '1', '2', '3', '4', '5', '6'
