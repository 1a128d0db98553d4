
# Who am I? Instance metadata, which answers in plain text leaf by leaf.
metadata=http://169.254.169.254/metadata
about() {
  curl -sSf --max-time 5 --retry 5 --retry-all-errors --retry-delay 1 \
    -H "Metadata: true" "$metadata/instance/compute/$1?api-version=2021-02-01&format=text"
}
instance=$(about name)
zone=$(about location)-$(about zone)
say "instance $instance in zone $zone, release $release"
