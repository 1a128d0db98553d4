package world

// Path is a way through the network, between the instances of a group in one
// zone and another end, or between clients and a listener.
type Path struct {
	// Zone is the instances' zone, or that of the balancer's node which clients
	// meet. Empty is any.
	Zone string
	// End is the other end: DestInternet, DestObjects, DestSecrets or the id of a database;
	// on the way from a balancer the id of the pool, on that from clients the id
	// of the listener.
	End string
	// Far is the zone of the other end: of a balancer's node or of a database's
	// primary. Empty is any.
	Far string
}

// Block says why a path lets nothing through. Whoever tries hangs, because a
// packet that is dropped has no answer.
type Block struct {
	// Why is a sentence that names the rule or the route that is missing, or
	// the rule that denies.
	Why string
	// Open says that connections that are open stop, too. Rules that track
	// connections let them go on.
	Open bool
}

// Blocks are the paths that are blocked. A path that is not in there is open.
type Blocks map[Path]Block

// at finds what blocks a path: an entry for its zones, or for any.
func (b Blocks) at(p Path) (Block, bool) {
	for _, zone := range []string{p.Zone, ""} {
		for _, far := range []string{p.Far, ""} {
			if block, ok := b[Path{zone, p.End, far}]; ok {
				return block, true
			}
		}
	}
	return Block{}, false
}

// fromBalancer finds what keeps a balancer from instances in a zone. Each node
// checks the targets for itself and leads to those that it reaches; one that
// reaches none is taken out of the balancer's name, and clients come to the
// others. So the path is open while a node can go it. Where each node
// keeps to its zone, that of the instances' zone alone counts.
// Source: Elastic Load Balancing user guide, DNS failover of zones.
func (b Blocks) fromBalancer(balancer Balancer, l lead, zone string) (Block, bool) {
	nodes := balancer.Zones
	switch {
	case len(nodes) == 0:
		nodes = []string{""}
	case !l.crossZone:
		nodes = []string{zone}
	}
	var found Block
	for _, node := range nodes {
		block, ok := b.at(Path{Zone: zone, End: l.pool, Far: node})
		if !ok {
			return Block{}, false
		}
		found = block
	}
	return found, true
}
