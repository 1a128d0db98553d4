# The authority that signs the database's certificate.
curl -sSf --max-time 20 --retry 5 --retry-all-errors --retry-delay 2 -o "$etc/database-ca.pem.new" \
  https://truststore.pki.rds.amazonaws.com/{{.Region}}/{{.Region}}-bundle.pem
mv -f "$etc/database-ca.pem.new" "$etc/database-ca.pem"
trust="&sslrootcert=$etc/database-ca.pem"
