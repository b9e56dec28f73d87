-- jobs.get
-- needs: verbs from frame/tape
-- needs: showJobs from jobs/show

verbs['jobs.get'] = function(id)
  return showJobs({}, { id }, true)
end
