
# From now on the instance is in service.
retry 5 complete_hook CONTINUE
