# The authority that signs the database's certificate is one of the system's own.
trust=
