module orchard/loadrunner

go 1.26.0
