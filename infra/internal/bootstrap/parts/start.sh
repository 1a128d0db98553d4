
# The migration comes first: a health check that meets the socket starts the service, which needs it.
systemctl daemon-reload
retry 5 systemctl start orchard-migrate.service
systemctl enable --now orchard.socket
systemctl enable --now orchard.service
