-- jobs.promote
-- needs: verbs from frame/tape
-- needs: promote from jobs/promotion

verbs['jobs.promote'] = promote
