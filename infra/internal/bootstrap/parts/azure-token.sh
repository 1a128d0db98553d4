
# The token that writes need, from a blob that this instance's identity alone may read.
umask 077
fetch "write token" "{{.TokenContainer}}/{{.TokenKey}}" "$etc/token.new"
