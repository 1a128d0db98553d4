
# The release, by the instance's own role. A new role is not known everywhere at once, hence the retries.
retry 5 aws s3 cp "s3://{{.Bucket}}/{{.Key}}" "$binary.new" --region {{.Region}} --only-show-errors
# The authority that signs the database's certificate.
curl -sSf --max-time 20 --retry 5 --retry-all-errors --retry-delay 2 -o "$etc/database-ca.pem.new" \
  https://truststore.pki.rds.amazonaws.com/{{.Region}}/{{.Region}}-bundle.pem
mv -f "$etc/database-ca.pem.new" "$etc/database-ca.pem"
trust="&sslrootcert=$etc/database-ca.pem"
