package scorecard

// Azure is the controls of a stack on Azure.
func Azure() []Row { return nil }
